<?php
/**
 * How a member invites friends.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * The own code, once there is one, and what came of it.
 */
final class Referral extends Section {

	/**
	 * Writes it; of a programme without invitations nothing.
	 */
	public function show(): void {
		$referral = $this->snapshot->part( 'referral' );
		if ( ! $referral->exists() ) {
			return;
		}
		$id   = wp_unique_id( 'belong-referral-' );
		$code = $referral->text( 'code' );
		$link = $referral->text( 'link' );
		?>
<section class="belong-referral" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Invite friends', 'belong-for-woocommerce' ); ?></h2>
	<p>
		<?php
		/* translators: 1: what the member gets, such as "25 points", 2: what the friend gets. */
		echo esc_html( sprintf( __( 'You get %1$s and your friend %2$s when a friend orders for the first time.', 'belong-for-woocommerce' ), $this->format->points( $referral->number( 'points' ) ), $this->format->points( $referral->number( 'friend_points' ) ) ) );
		?>
	</p>
		<?php
		if ( '' === $code ) {
			ChoicesForm::show_code_request();
		} else {
			$this->show_own( $code, $link );
		}
		$this->show_friends( $referral->number( 'friends' ), $referral->number( 'completed' ) );
		if ( $referral->flag( 'takes_code' ) ) {
			ChoicesForm::show_invited( Invited::code_of_a_friend( $code ) );
		}
		?>
</section>
		<?php
	}

	/**
	 * What is passed on.
	 *
	 * @param string $code Of this member.
	 * @param string $link With the code in it; mostly there is none.
	 */
	private function show_own( string $code, string $link ): void {
		?>
	<p><?php esc_html_e( 'Your code:', 'belong-for-woocommerce' ); ?> <?php $this->show_code( $code, __( 'your code', 'belong-for-woocommerce' ) ); ?></p>
		<?php if ( '' !== $link && '' !== esc_url( $link ) ) : ?>
	<p><?php esc_html_e( 'Your link:', 'belong-for-woocommerce' ); ?> <?php $this->show_code( $link, __( 'your link', 'belong-for-woocommerce' ) ); ?></p>
			<?php
		endif;
	}

	/**
	 * How many came.
	 *
	 * @param int $friends   In all.
	 * @param int $completed Who ordered, so that it counted.
	 */
	private function show_friends( int $friends, int $completed ): void {
		if ( $friends <= 0 ) {
			return;
		}
		?>
	<p class="belong-fine">
		<?php
		/* translators: 1: how many friends came, 2: how many of them counted. */
		echo esc_html( sprintf( __( 'Friends who came: %1$s. Counted so far: %2$s.', 'belong-for-woocommerce' ), $this->format->number( $friends ), $this->format->number( $completed ) ) );
		?>
	</p>
		<?php
	}
}
