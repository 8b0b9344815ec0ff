<?php
/**
 * Where a shopper chooses what others see, and whether mails come.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Style;

defined( 'ABSPATH' ) || exit;

/**
 * Plain forms that work without a script; with one, the page stays where it is.
 */
final class ChoicesForm {

	const NONCE = 'belong_choices';
	const FIELD = 'belong_choice';

	/**
	 * Whether the service can be asked.
	 *
	 * @var Voice
	 */
	private $voice;

	/**
	 * Shows nothing yet.
	 *
	 * @param Voice $voice Whether the service can be asked.
	 */
	public function __construct( Voice $voice ) {
		$this->voice = $voice;
	}

	/**
	 * Writes it, for whoever is signed in.
	 */
	public function show(): void {
		$id = wp_unique_id( 'belong-choices-' );
		?>
<section class="belong-choices" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'What others see of you', 'belong-for-woocommerce' ); ?></h2>
	<p><?php esc_html_e( 'Nothing, unless you want it.', 'belong-for-woocommerce' ); ?></p>
		<?php
		$this->show_badge_choice( get_current_user_id() );
		$this->show_board_choice( get_current_user_id() );
		$this->show_mail_choice( get_current_user_id() );
		$this->show_leaving();
		?>
</section>
		<?php
	}

	/**
	 * A button that asks for a code for friends; a line where nobody can be asked.
	 */
	public static function show_code_request(): void {
		if ( ! Voice::of_this_shop()->is_open() ) {
			?>
	<p class="belong-fine"><?php esc_html_e( 'You have no code yet. Please come back later to get one.', 'belong-for-woocommerce' ); ?></p>
			<?php
			return;
		}
		self::begin( 'code' );
		?>
	<p><button type="submit" class="button"><?php esc_html_e( 'Get my code', 'belong-for-woocommerce' ); ?></button></p>
		<?php
		self::end();
	}

	/**
	 * Where somebody says by whose code they came. Nothing where nobody can be asked.
	 *
	 * @param string $code That they came with; empty if none is known.
	 */
	public static function show_invited( string $code ): void {
		if ( ! Voice::of_this_shop()->is_open() ) {
			return;
		}
		?>
	<h3><?php esc_html_e( 'Were you invited?', 'belong-for-woocommerce' ); ?></h3>
		<?php
		self::begin( 'invited' );
		?>
	<p><?php self::show_code_field( $code, true ); ?>
	<button type="submit" class="button"><?php esc_html_e( 'Enter the code', 'belong-for-woocommerce' ); ?></button></p>
		<?php
		self::end();
	}

	/**
	 * Where a friend's code stands, to be typed, changed or taken out.
	 *
	 * @param string $code        That they came with; empty if none is known.
	 * @param bool   $is_required Whether the form is about it alone.
	 */
	private static function show_code_field( string $code, bool $is_required ): void {
		$id = wp_unique_id( 'belong-invited-' );
		?>
<label for="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Your friend’s code', 'belong-for-woocommerce' ); ?></label>
	<input type="text" id="<?php echo esc_attr( $id ); ?>" name="belong_code"<?php if ( $is_required ) : ?> required<?php endif; ?> maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" value="<?php echo esc_attr( $code ); ?>">
		<?php
	}

	/**
	 * A button that agrees to take part, under the code that somebody came with; a line where nobody can be told.
	 *
	 * @param string $label What the button says.
	 * @param string $code  That they came with; empty if none is known.
	 */
	public static function show_joining( string $label, string $code ): void {
		if ( ! Voice::of_this_shop()->is_open() ) {
			?>
<p class="belong-fine"><?php esc_html_e( 'This does not work at the moment. Please try again later.', 'belong-for-woocommerce' ); ?></p>
			<?php
			return;
		}
		self::begin( 'join' );
		if ( '' !== $code ) {
			?>
	<p><?php self::show_code_field( $code, false ); ?></p>
			<?php
		}
		?>
	<p><button type="submit" class="button"><?php echo esc_html( $label ); ?></button></p>
		<?php
		self::end();
	}

	/**
	 * Leaving the programme, in two steps.
	 */
	private function show_leaving(): void {
		if ( ! $this->voice->is_open() ) {
			return;
		}
		?>
	<h3><?php esc_html_e( 'Taking part', 'belong-for-woocommerce' ); ?></h3>
	<details><summary><?php esc_html_e( 'Leave the programme', 'belong-for-woocommerce' ); ?></summary>
	<p><?php esc_html_e( 'If you leave, orders earn nothing from then on. What you have stays, and you can come back.', 'belong-for-woocommerce' ); ?></p>
		<?php
		self::begin( 'leave' );
		?>
	<p><button type="submit" class="button"><?php esc_html_e( 'Yes, leave the programme', 'belong-for-woocommerce' ); ?></button></p>
		<?php
		self::end();
		?>
	</details>
		<?php
	}

	/**
	 * The badge beside reviews.
	 *
	 * @param int $user_id Who is signed in.
	 */
	private function show_badge_choice( int $user_id ): void {
		self::begin( 'badge' );
		?>
	<fieldset><legend><?php esc_html_e( 'Reviews', 'belong-for-woocommerce' ); ?></legend>
	<p><label><input type="checkbox" name="belong_badge_shown" value="yes"<?php checked( Choices::shows_badge( $user_id ) ); ?>> <?php esc_html_e( 'Show my proudest badge beside my reviews', 'belong-for-woocommerce' ); ?></label></p>
	<p><button type="submit" class="button"><?php esc_html_e( 'Save', 'belong-for-woocommerce' ); ?></button></p></fieldset>
		<?php
		self::end();
	}

	/**
	 * Leaderboards.
	 *
	 * @param int $user_id Who is signed in.
	 */
	private function show_board_choice( int $user_id ): void {
		$id    = wp_unique_id( 'belong-name-' );
		$board = Choices::board( $user_id );
		if ( ! $this->voice->is_open() ) {
			?>
	<p class="belong-fine"><?php echo esc_html( $board['takes_part'] ? __( 'You are on leaderboards. This cannot be changed at the moment; please try again later.', 'belong-for-woocommerce' ) : __( 'Whether you are on leaderboards cannot be changed at the moment; please try again later.', 'belong-for-woocommerce' ) ); ?></p>
			<?php
			return;
		}
		self::begin( 'board' );
		?>
	<fieldset><legend><?php esc_html_e( 'Leaderboards', 'belong-for-woocommerce' ); ?></legend>
	<p><label><input type="checkbox" name="belong_takes_part" value="yes"<?php checked( $board['takes_part'] ); ?>> <?php esc_html_e( 'Show me on leaderboards', 'belong-for-woocommerce' ); ?></label></p>
	<p><label for="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Name to show', 'belong-for-woocommerce' ); ?></label>
	<input type="text" id="<?php echo esc_attr( $id ); ?>" name="belong_name" maxlength="100" autocomplete="nickname" value="<?php echo esc_attr( $board['name'] ); ?>" aria-describedby="<?php echo esc_attr( $id ); ?>-hint"><br>
	<span class="belong-fine" id="<?php echo esc_attr( $id ); ?>-hint"><?php esc_html_e( 'Leave it empty and a made-up name stands there, which says nothing of you.', 'belong-for-woocommerce' ); ?></span></p>
	<p><button type="submit" class="button"><?php esc_html_e( 'Save', 'belong-for-woocommerce' ); ?></button></p></fieldset>
		<?php
		self::end();
	}

	/**
	 * Mails about points.
	 *
	 * @param int $user_id Who is signed in.
	 */
	private function show_mail_choice( int $user_id ): void {
		$id = wp_unique_id( 'belong-mails-' );
		?>
	<h3><?php esc_html_e( 'Mails about your points', 'belong-for-woocommerce' ); ?></h3>
		<?php
		if ( ! $this->voice->is_open() ) {
			?>
	<p class="belong-fine"><?php esc_html_e( 'This does not work at the moment. Please try again later.', 'belong-for-woocommerce' ); ?></p>
			<?php
			return;
		}
		self::begin( 'mails' );
		?>
	<p><label><input type="checkbox" name="belong_takes_mails" value="yes" aria-describedby="<?php echo esc_attr( $id ); ?>"<?php checked( Choices::takes_mails( $user_id ) ); ?>> <?php esc_html_e( 'Send me these mails', 'belong-for-woocommerce' ); ?></label><br>
	<span class="belong-fine" id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'A welcome, and word of new rewards, of points that end soon, of your tier and of your badges. You can stop them at any time; each leads to a page where you choose which.', 'belong-for-woocommerce' ); ?></span></p>
	<p><button type="submit" class="button"><?php esc_html_e( 'Save', 'belong-for-woocommerce' ); ?></button></p>
		<?php
		self::end();
	}

	/**
	 * Opens a form.
	 *
	 * @param string $choice What it is about.
	 */
	private static function begin( string $choice ): void {
		Style::need_form();
		?>
<belong-choice data-url="<?php echo esc_url( rest_url( Route::SPACE . Route::PATH ) ); ?>" data-nonce="<?php echo esc_attr( wp_create_nonce( 'wp_rest' ) ); ?>">
<form method="post">
<input type="hidden" name="<?php echo esc_attr( self::FIELD ); ?>" value="<?php echo esc_attr( $choice ); ?>">
<input type="hidden" name="_belong_nonce" value="<?php echo esc_attr( wp_create_nonce( self::NONCE ) ); ?>">
		<?php
	}

	/**
	 * Closes it. What came of it is said in the last line.
	 */
	private static function end(): void {
		?>
<p role="status" hidden></p></form></belong-choice>
		<?php
	}
}
