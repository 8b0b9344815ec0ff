/**
 * Presses what our script of the blocks draws: `node redeem_blocks.js SCRIPT REDEEM ACTS`, where each act is
 * `["press", words]`, `["enter", value]`, `["fail"]`, which lets each question fail, or `["answer", redeem]`, with which
 * WooCommerce answers the next question and makes the box anew, as it does. Prints what was asked for, how often the box got
 * the focus, what was spoken, and what is shown after each act. Components are kept as React keeps them; nothing is drawn.
 */
'use strict';

const fs = require( 'fs' );
const vm = require( 'vm' );
const [ , , script, given, acts ] = process.argv;

const createElement = ( type, props, ...children ) => ( { type, props: Object.assign( {}, props, { children } ) } );
class Component {
	constructor( props ) {
		this.props = props;
	}
	forceUpdate() {}
}

const asked = [];
const spoken = [];
let answer = null;
let focused = 0;
let fails = false;
let redeem = JSON.parse( given );
let render = null;
const page = {
	wp: {
		element: { createElement, Component, createRef: () => ( { current: null } ), Fragment: 'fragment' },
		a11y: { speak: ( words, how ) => spoken.push( [ words, how ] ) },
		data: { select: () => ( { getCartData: () => ( { extensions: { belong: { redeem } } } ) } ) },
		plugins: { registerPlugin: ( name, what ) => ( render = what.render ) },
	},
	wc: {
		blocksCheckout: {
			ExperimentalOrderMeta: 'earn-slot',
			ExperimentalDiscountsMeta: 'redeem-slot',
			registerCheckoutFilters: () => {},
			extensionCartUpdate: ( what ) => {
				asked.push( what );
				if ( answer ) {
					redeem = answer;
					answer = null;
					instances.forEach( ( one ) => one.componentWillUnmount && one.componentWillUnmount() );
					instances.clear();
					drawn();
				}
				return fails ? Promise.reject( new Error( 'no answer' ) ) : Promise.resolve( {} );
			},
		},
	},
};
page.document = { body: {}, activeElement: null };
page.window = page;
vm.createContext( page );
vm.runInContext( fs.readFileSync( script, 'utf8' ), page, { filename: script } );

// A component keeps its place, so its instance and what it holds stay.
const instances = new Map();
let typed = '';
const nodes = ( element, path, extensions ) => {
	if ( Array.isArray( element ) ) {
		return element.flatMap( ( one, at ) => nodes( one, path + '/' + at, extensions ) );
	}
	if ( ! element || 'object' !== typeof element ) {
		return [];
	}
	if ( 'function' === typeof element.type ) {
		const props = Object.assign( { extensions }, element.props );
		if ( ! ( element.type.prototype instanceof Component ) ) {
			return nodes( element.type( props ), path + '/_', extensions );
		}
		const isNew = ! instances.has( path );
		const instance = instances.get( path ) || new element.type( props );
		instances.set( path, Object.assign( instance, { props } ) );
		const found = nodes( instance.render(), path + '/_', extensions );
		const listener = isNew ? 'componentDidMount' : 'componentDidUpdate';
		if ( instance[ listener ] ) {
			instance[ listener ]();
		}
		return found;
	}
	if ( element.props.ref ) {
		element.props.ref.current = {
			focus: () => focused++,
			contains: () => false,
			value: typed || String( element.props.defaultValue ),
			reportValidity: () => '' === typed || Number( typed ) % element.props.step === 0,
		};
	}
	return [ element, ...nodes( element.props.children, path + '/' + element.type, extensions ) ];
};
const drawn = () => nodes( render(), '', { belong: { redeem } } );
const words = ( element ) => [ element.props.children ].flat( 9 ).filter( ( one ) => 'string' === typeof one ).join( '' );

( async () => {
	const shown = [];
	for ( const [ act, what ] of JSON.parse( acts ) ) {
		if ( 'fail' === act ) {
			fails = true;
			continue;
		}
		if ( 'answer' === act ) {
			answer = what;
			continue;
		}
		if ( 'enter' === act ) {
			typed = what;
			drawn()
				.find( ( one ) => 'input' === one.type )
				.props.onKeyDown( { key: 'Enter', preventDefault: () => {} } );
		} else {
			const pressed = drawn().filter( ( one ) => 'button' === one.type && words( one ) === what )[ 0 ];
			pressed.props.onClick();
			// Again, while the first one is under way.
			const again = drawn().filter( ( one ) => 'button' === one.type && words( one ) === what )[ 0 ];
			if ( again && again.props.onClick ) {
				again.props.onClick();
			}
		}
		await new Promise( ( resolve ) => setTimeout( resolve ) );
		const all = drawn();
		const wrong = all.filter( ( one ) => 'belong-redeem__wrong' === one.props.className );
		shown.push( {
			wrong: wrong.map( words ),
			busy: all.some( ( one ) => true === one.props[ 'aria-busy' ] || true === one.props[ 'aria-disabled' ] ),
		} );
	}
	process.stdout.write( JSON.stringify( { asked, focused, spoken, shown } ), () => process.exit() );
} )();
