/**
 * Runs our script of the blocks with WordPress's own wp.element, and prints what it draws for each cart that is given:
 * `node earn_blocks.js WP-INCLUDES SCRIPT '[{...}, ...]'`. Only WooCommerce's slots, filters and wp.plugins stand in.
 */
'use strict';

const fs = require( 'fs' );
const path = require( 'path' );
const vm = require( 'vm' );
const [ , , includes, script, carts ] = process.argv;

const registered = [];
const page = { console, setTimeout, clearTimeout, queueMicrotask, TextEncoder };
page.window = page.self = page.globalThis = page;
page.navigator = { userAgent: '' };
// Drawing to text needs no document.
page.ReactDOM = {};
page.wp = { plugins: { registerPlugin: ( name, what ) => registered.push( { name, what } ) } };
vm.createContext( page );

const load = ( file ) => vm.runInContext( fs.readFileSync( file, 'utf8' ), page, { filename: file } );
for ( const name of [ 'vendor/react.js', 'escape-html.js', 'element.js' ] ) {
	load( path.join( includes, 'js/dist', name ) );
}

page.wp.a11y = { speak: () => {} };
page.wp.data = { select: () => ( { getCartData: () => ( { extensions } ) } ) };
page.document = { body: {}, activeElement: null };
// A slot gives what it holds the cart's extensions.
let extensions = {};
const filters = {};
const slot = ( name ) => ( { children } ) =>
	page.wp.element.createElement(
		name,
		null,
		page.wp.element.Children.map( children, ( child ) => page.wp.element.cloneElement( child, { extensions, context: 'woocommerce/cart' } ) )
	);
page.wc = {
	blocksCheckout: {
		ExperimentalOrderMeta: slot( 'earn-slot' ),
		ExperimentalDiscountsMeta: slot( 'redeem-slot' ),
		registerCheckoutFilters: ( ours, given ) => Object.assign( filters, given ),
	},
};
load( script );

const { name, what } = registered[ 0 ];
const drawn = JSON.parse( carts ).map( ( given ) => {
	extensions = given;
	return page.wp.element.renderToString( page.wp.element.createElement( what.render ) );
} );
const coupons = JSON.parse( carts ).map( ( given ) => {
	extensions = given;
	return filters.coupons( [ { code: 'AB-1' }, { code: 'of-theirs' } ] );
} );
const notices = [ 'AB-1', 'of-theirs' ].map( ( couponCode ) => filters.showRemoveCouponNotice( true, {}, { couponCode } ) );
process.stdout.write( JSON.stringify( { count: registered.length, name, scope: what.scope, drawn, coupons, notices } ), () => process.exit() );
