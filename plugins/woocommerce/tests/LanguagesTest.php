<?php
/**
 * WordPress finds our translations where the zip puts them, without being told.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

final class LanguagesTest extends ShopTestCase {

	private const DOMAIN = 'belong-for-woocommerce';

	protected function tearDown(): void {
		remove_all_filters( 'pre_determine_locale' );
		unload_textdomain( self::DOMAIN, true );
		parent::tearDown();
	}

	/**
	 * Each language of the plugin, and a word of it.
	 */
	public static function languages(): array {
		return array(
			'German'              => array( 'de_DE', 'Abzeichen: %1$s, %2$s', '%s ältere Änderungen', 'Punkte: Stufe' ),
			'Spanish'             => array( 'es_ES', 'Insignia: %1$s, %2$s', '%s cambios anteriores', 'Puntos: nivel' ),
			'Simplified Chinese'  => array( 'zh_CN', '徽章：%1$s，%2$s', '%s 条更早的变动', '积分：等级' ),
			'Traditional Chinese' => array( 'zh_TW', '徽章：%1$s，%2$s', '%s 筆更早的變動', '點數：等級' ),
		);
	}

	/**
	 * @dataProvider languages
	 */
	public function test_a_shop_in_this_language_reads_ours( string $locale, string $text, string $plural, string $title ): void {
		unload_textdomain( self::DOMAIN, true );
		add_filter(
			'pre_determine_locale',
			static function () use ( $locale ) {
				return $locale;
			}
		);
		$this->assertSame( $text, __( 'Badge: %1$s, %2$s', 'belong-for-woocommerce' ) );
		$this->assertSame( $plural, _n( '%s older change', '%s older changes', 2, 'belong-for-woocommerce' ) );
		$this->assertSame( $title, translate_with_gettext_context( 'Points: tier', 'block title', self::DOMAIN ) );
	}
}
