/**
 * What this order earns, in the cart and checkout blocks. The sentences come with every answer about the cart, so they
 * change when it does, and nothing is asked for besides.
 */
( function ( checkout, element, plugins ) {
	'use strict';

	var el = element.createElement;
	var PARTS = [ 'label', 'earn', 'hint', 'balance' ];

	/** WooCommerce gives the cart's extensions to whatever stands in its slot. */
	function Points( props ) {
		var told = ( props.extensions && props.extensions.belong ) || {};
		var isShown = 'string' === typeof told.label && '' !== told.label;
		// The live region is there before there is anything to say, or screen readers would miss it.
		return el(
			'div',
			{ className: isShown ? 'belong-points wc-block-components-totals-item' : undefined },
			el(
				'div',
				{ role: 'status' },
				PARTS.filter( function ( part ) {
					return isShown && told[ part ];
				} ).map( function ( part ) {
					return el( 'span', { key: part, className: 'belong-points__' + part }, told[ part ] );
				} )
			)
		);
	}

	plugins.registerPlugin( 'belong-points', {
		render: function () {
			return el( checkout.ExperimentalOrderMeta, null, el( Points ) );
		},
		scope: 'woocommerce-checkout',
	} );
} )( window.wc.blocksCheckout, window.wp.element, window.wp.plugins );
