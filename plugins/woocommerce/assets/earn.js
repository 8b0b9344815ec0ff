/**
 * What a page that was laid out once cannot do by itself: another variation, a promise that is over, a cart that changed.
 */
( function () {
	'use strict';

	function say( line, text ) {
		line.textContent = text;
		line.hidden = '' === text;
	}

	/** A cached page may be older than what it promises. */
	function isOver( line ) {
		var until = Number( line.dataset.belongUntil );
		return until > 0 && Date.now() >= until * 1000;
	}

	function hideWhatIsOver() {
		document.querySelectorAll( '[data-belong-until]' ).forEach( function ( line ) {
			if ( isOver( line ) ) {
				line.hidden = true;
			}
		} );
	}

	/** WooCommerce's form says by jQuery which variation was chosen, and brings what we laid beside it. */
	function followVariations( $ ) {
		document.querySelectorAll( '[data-belong-variable]' ).forEach( function ( line ) {
			var whole = line.textContent;
			var form = 'form.variations_form[data-product_id="' + line.dataset.belongVariable + '"]';
			$( document.body ).on( 'found_variation', form, function ( event, variation ) {
				say( line, isOver( line ) ? '' : variation.belong_earn || '' );
			} );
			$( document.body ).on( 'reset_data', form, function () {
				say( line, isOver( line ) ? '' : whole );
			} );
		} );
	}

	function earned() {
		var found = document.querySelector( '.belong-points__earn' );
		return found ? found.textContent : '';
	}

	/** The row itself is laid out anew with each change, so it cannot be a live region. */
	function announceChanges( $ ) {
		var live = document.createElement( 'div' );
		var last = earned();
		live.className = 'belong-live';
		live.setAttribute( 'role', 'status' );
		document.body.appendChild( live );
		$( document.body ).on( 'updated_cart_totals updated_checkout', function () {
			var text = earned();
			if ( text !== last ) {
				last = text;
				live.textContent = text;
			}
		} );
	}

	function begin() {
		hideWhatIsOver();
		if ( window.jQuery ) {
			followVariations( window.jQuery );
			if ( document.querySelector( '.woocommerce-cart-form, form.woocommerce-checkout' ) ) {
				announceChanges( window.jQuery );
			}
		}
	}

	if ( 'loading' === document.readyState ) {
		document.addEventListener( 'DOMContentLoaded', begin );
	} else {
		begin();
	}
} )();
