/**
 * Presses what our script of the blocks draws: `node redeem_blocks.js SCRIPT REDEEM ACTS`, where each act is
 * `["press", words]`, `["enter", value]` or `["fail"]`, which lets the next question fail. Prints what was asked for, how
 * often the box got the focus, and what is drawn after each act. Components are kept as React keeps them; nothing is drawn.
 */
'use strict';

const fs = require( 'fs' );
const vm = require( 'vm' );
const [ , , script, given, acts ] = process.argv;

const createElement = ( type, props, ...children ) => ( { type, props: Object.assign( {}, props, { children } ) } );
class Component {
	constructor( props ) {
		this.props = props;
		this.state = {};
	}
	setState( changed ) {
		this.state = Object.assign( {}, this.state, changed );
	}
}

const asked = [];
let focused = 0;
let fails = false;
let redeem = JSON.parse( given );
let render = null;
const page = {
	wp: {
		element: { createElement, Component, createRef: () => ( { current: null } ), Fragment: 'fragment' },
		plugins: { registerPlugin: ( name, what ) => ( render = what.render ) },
	},
	wc: {
		blocksCheckout: {
			ExperimentalOrderMeta: 'earn-slot',
			ExperimentalDiscountsMeta: 'redeem-slot',
			registerCheckoutFilters: () => {},
			extensionCartUpdate: ( what ) => {
				asked.push( what );
				return fails ? Promise.reject( new Error( 'no answer' ) ) : Promise.resolve( {} );
			},
		},
	},
};
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
		const instance = instances.get( path ) || new element.type( props );
		instances.set( path, Object.assign( instance, { props } ) );
		return nodes( instance.render(), path + '/_', extensions );
	}
	if ( element.props.ref ) {
		element.props.ref.current = {
			focus: () => focused++,
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
			if ( again.props.onClick ) {
				again.props.onClick();
			}
		}
		await new Promise( ( resolve ) => setTimeout( resolve ) );
		const all = drawn();
		const status = all.filter( ( one ) => 'status' === one.props.role ).pop();
		shown.push( {
			status: words( status ),
			wrong: 'belong-redeem__wrong' === status.props.className,
			busy: all.some( ( one ) => true === one.props[ 'aria-busy' ] || true === one.props[ 'aria-disabled' ] ),
		} );
	}
	process.stdout.write( JSON.stringify( { asked, focused, shown } ), () => process.exit() );
} )();
