/**
 * What this order earns and what points can be used for, in the cart and checkout blocks. The sentences come with every
 * answer about the cart, so they change when it does, and nothing is asked for besides what a shopper chooses.
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

	function redeeming( extensions ) {
		return ( extensions && extensions.belong && extensions.belong.redeem ) || {};
	}

	function button( told, id, isBusy, act ) {
		// A button that is disabled would lose the focus.
		return el(
			'button',
			{
				type: 'button',
				id: id + '-use',
				className: 'belong-offer__use wp-element-button',
				'aria-disabled': isBusy,
				'aria-labelledby': id + '-use ' + id,
				onClick: isBusy ? undefined : act,
			},
			told.button
		);
	}

	/** One reward: its price or how many points, and a button; or why not. It stands in a form of WooCommerce's. */
	class Offer extends element.Component {
		constructor( props ) {
			super( props );
			this.points = element.createRef();
			this.choose = this.choose.bind( this );
		}

		choose() {
			var offer = this.props.offer;
			var input = this.points.current;
			if ( ! offer.step ) {
				this.props.ask( { choose: offer.id } );
			} else if ( input.reportValidity() ) {
				this.props.ask( { choose: offer.id, points: Number( input.value ) } );
			}
		}

		slider( offer, told ) {
			var choose = this.choose;
			return el( 'input', {
				type: 'number',
				inputMode: 'numeric',
				ref: this.points,
				'aria-label': offer.name + ': ' + told.points,
				min: offer.least,
				max: offer.most,
				step: offer.step,
				defaultValue: offer.least,
				required: true,
				onKeyDown: function ( event ) {
					if ( 'Enter' === event.key ) {
						event.preventDefault();
						choose();
					}
				},
			} );
		}

		render() {
			var offer = this.props.offer;
			var told = this.props.told;
			var id = this.props.id;
			var name = el( 'span', { id: id, className: 'belong-offer__name' }, offer.name );
			if ( offer.why_not ) {
				return el( 'li', null, name, el( 'span', { className: 'belong-offer__why' }, offer.why_not ) );
			}
			return el(
				'li',
				null,
				name,
				offer.step ? this.slider( offer, told ) : el( 'span', { className: 'belong-offer__price' }, offer.price ),
				button( told, id, this.props.isBusy, this.choose )
			);
		}
	}

	var boxes = 0;

	class Redeem extends element.Component {
		constructor( props ) {
			super( props );
			this.id = 'belong-redeem-' + ++boxes;
			this.box = element.createRef();
			this.state = { isBusy: false, failed: '' };
			this.ask = this.ask.bind( this );
			this.offer = this.offer.bind( this );
		}

		ask( data ) {
			var words = redeeming( this.props.extensions ).failed;
			this.setState( { isBusy: true, failed: '' } );
			checkout
				.extensionCartUpdate( { namespace: 'belong', data: data } )
				.then( this.end.bind( this, '' ), this.end.bind( this, words ) );
		}

		end( failed ) {
			this.setState( { isBusy: false, failed: failed } );
			// What had the focus may be gone.
			if ( this.box.current ) {
				this.box.current.focus();
			}
		}

		offer( one, at ) {
			var told = redeeming( this.props.extensions );
			return el( Offer, { key: one.id, offer: one, told: told, id: this.id + '-' + at, isBusy: this.state.isBusy, ask: this.ask } );
		}

		render() {
			var told = redeeming( this.props.extensions );
			var failed = this.state.failed;
			var isShown = 'string' === typeof told.title && '' !== told.title;
			var outcome = failed || told.outcome || '';
			var isWrong = '' !== failed || false === told.is_good;
			var said = this.id + '-said';
			return el(
				'div',
				{
					ref: this.box,
					tabIndex: -1,
					role: 'group',
					'aria-labelledby': isShown ? this.id : undefined,
					'aria-busy': this.state.isBusy,
					className: isShown || outcome ? 'belong-redeem wc-block-components-totals-wrapper' : undefined,
				},
				isShown && el( 'strong', { id: this.id, className: 'belong-redeem__title' }, told.title ),
				isShown && el( 'p', { id: said }, told.said ),
				el( 'div', { role: 'status', className: isWrong ? 'belong-redeem__wrong' : undefined }, outcome ),
				isShown && told.code && button( told, said, this.state.isBusy, this.ask.bind( this, { remove: true } ) ),
				isShown && told.offers.length > 0 && el( 'ul', { className: 'belong-offers' }, told.offers.map( this.offer ) )
			);
		}
	}

	function isOurs( told, code ) {
		return '' !== ( told.code || '' ) && String( code ).toLowerCase() === told.code.toLowerCase();
	}

	// A reward's name says more than its code, and what happened is said by us.
	checkout.registerCheckoutFilters( 'belong', {
		coupons: function ( coupons, extensions ) {
			var told = redeeming( extensions );
			return coupons.map( function ( coupon ) {
				return isOurs( told, coupon.code ) ? Object.assign( {}, coupon, { label: told.label } ) : coupon;
			} );
		},
	} );

	plugins.registerPlugin( 'belong-points', {
		render: function () {
			return el(
				element.Fragment,
				null,
				el( checkout.ExperimentalOrderMeta, null, el( Points ) ),
				el( checkout.ExperimentalDiscountsMeta, null, el( Redeem ) )
			);
		},
		scope: 'woocommerce-checkout',
	} );
} )( window.wc.blocksCheckout, window.wp.element, window.wp.plugins );
