/**
 * What this order earns and what points can be used for, in the cart and checkout blocks. The sentences come with every
 * answer about the cart, so they change when it does, and nothing is asked for besides what a shopper chooses.
 */
( function ( checkout, a11y, data, element, plugins ) {
	'use strict';

	var el = element.createElement;
	var SENTENCES = [ 'earn', 'hint', 'balance' ];

	function line( told ) {
		return function ( part ) {
			var isLink = 'hint' === part && told.login;
			var said = isLink ? el( 'a', { href: told.login }, told.hint ) : told[ part ];
			return el( 'span', { key: part, className: 'belong-points__' + part }, said, ' ' );
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

	var FOCUS_MS = 2000;
	var boxes = 0;
	// WooCommerce makes the box anew with each change of the cart, so what must last longer is kept here.
	var now = { box: null, isBusy: false, failed: '', focusUntil: 0, said: null };

	function ask( wish ) {
		now.isBusy = true;
		now.failed = '';
		now.box.forceUpdate();
		checkout.extensionCartUpdate( { namespace: 'belong', data: wish } ).then(
			function () {
				end( false );
			},
			function () {
				end( true );
			}
		);
	}

	function end( isFailed ) {
		now.isBusy = false;
		now.focusUntil = Date.now() + FOCUS_MS;
		if ( now.box ) {
			now.failed = isFailed ? redeeming( now.box.props.extensions ).failed : '';
			now.box.forceUpdate();
			now.box.takeFocus();
		}
	}

	class Redeem extends element.Component {
		constructor( props ) {
			super( props );
			this.id = 'belong-redeem-' + ++boxes;
			this.box = element.createRef();
			this.offer = this.offer.bind( this );
		}

		componentDidMount() {
			now.box = this;
			this.takeFocus();
			this.speak();
		}

		componentDidUpdate() {
			this.speak();
		}

		/** Whatever is new, for who cannot see it; a live region of ours would go with the box. */
		speak() {
			var told = redeeming( this.props.extensions );
			var said = now.failed || told.outcome || told.said || '';
			if ( null !== now.said && said !== now.said && '' !== said ) {
				a11y.speak( said, now.failed || false === told.is_good ? 'assertive' : 'polite' );
			}
			now.said = said;
		}

		componentWillUnmount() {
			if ( now.box === this ) {
				now.box = null;
			}
		}

		/** After a choice, what had the focus is gone: keyboards go on from here. Never taken from anything else. */
		takeFocus() {
			var active = document.activeElement;
			var isFree = ! active || active === document.body || this.box.current.contains( active );
			if ( isFree && Date.now() < now.focusUntil ) {
				this.box.current.focus( { preventScroll: true } );
			}
		}

		offer( one, at ) {
			var told = redeeming( this.props.extensions );
			return el( Offer, { key: one.id, offer: one, told: told, id: this.id + '-' + at, isBusy: now.isBusy, ask: ask } );
		}

		render() {
			var told = redeeming( this.props.extensions );
			var isShown = 'string' === typeof told.title && '' !== told.title;
			var outcome = now.failed || told.outcome || '';
			var isWrong = '' !== now.failed || false === told.is_good;
			var said = this.id + '-said';
			return el(
				'div',
				{
					ref: this.box,
					tabIndex: -1,
					role: 'group',
					'aria-labelledby': isShown ? this.id : undefined,
					'aria-busy': now.isBusy,
					className: isShown || outcome ? 'belong-redeem wc-block-components-totals-wrapper' : undefined,
				},
				el(
					'div',
					{ className: isShown || outcome ? 'wc-block-components-totals-item' : undefined },
					isShown && el( 'span', { id: this.id, className: 'belong-points__label' }, told.title ),
					isShown && told.said && el( 'p', { id: said }, told.said ),
					outcome && el( 'p', { className: isWrong ? 'belong-redeem__wrong' : undefined }, outcome ),
					isShown && told.code && button( told, said, now.isBusy, ask.bind( null, { remove: true } ) ),
					isShown && told.offers.length > 0 && el( 'ul', { className: 'belong-offers' }, told.offers.map( this.offer ) )
				)
			);
		}
	}

	// Names of the rewards that this page has seen in the cart, by code in small letters.
	var names = {};

	/** WooCommerce asks its filters before it draws us, and without what came with the cart. */
	function nameOf( code ) {
		var told = redeeming( data.select( 'wc/store/cart' ).getCartData().extensions );
		if ( told.code ) {
			names[ told.code.toLowerCase() ] = told.label;
		}
		return names[ String( code ).toLowerCase() ];
	}

	// A reward's name says more than its code, and that it is gone is said by us.
	checkout.registerCheckoutFilters( 'belong', {
		coupons: function ( coupons ) {
			return coupons.map( function ( coupon ) {
				var name = nameOf( coupon.code );
				return name ? Object.assign( {}, coupon, { label: name } ) : coupon;
			} );
		},
		showRemoveCouponNotice: function ( isShown, extensions, about ) {
			return isShown && ! nameOf( about && about.couponCode );
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
} )( window.wc.blocksCheckout, window.wp.a11y, window.wp.data, window.wp.element, window.wp.plugins );
