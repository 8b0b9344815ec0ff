/**
 * What this order earns, in the cart and checkout blocks. The sentences come with every answer about the cart, so they
 * change when it does, and nothing is asked for besides.
 */
( function ( checkout, element, plugins ) {
	'use strict';

	var el = element.createElement;
	var SENTENCES = [ 'earn', 'hint', 'balance' ];

	function line( told ) {
		return function ( part ) {
			return el( 'span', { key: part, className: 'belong-points__' + part }, told[ part ], ' ' );
		};
	}

	/** WooCommerce gives the cart's extensions to whatever stands in its slot. */
	function Points( props ) {
		var told = ( props.extensions && props.extensions.belong ) || {};
		var isShown = 'string' === typeof told.label && '' !== told.label;
		var sentences = SENTENCES.filter( function ( part ) {
			return isShown && told[ part ];
		} );
		// The live region is there before there is anything to say, or screen readers would miss it.
		return el(
			'div',
			{ className: isShown ? 'belong-points wc-block-components-totals-wrapper' : undefined },
			el(
				'div',
				{ className: isShown ? 'wc-block-components-totals-item' : undefined },
				isShown && el( 'span', { className: 'belong-points__label' }, told.label ),
				el( 'div', { role: 'status' }, sentences.map( line( told ) ) )
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
