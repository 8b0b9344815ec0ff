/**
 * Runs our script of the classic pages on a page with a line of a variable product, and prints what the line says after
 * each event: `node earn.js SCRIPT UNTIL '[["found_variation", {...}], ...]'`.
 */
'use strict';

const fs = require( 'fs' );
const vm = require( 'vm' );
const [ , , script, until, events ] = process.argv;

const line = { textContent: 'Earn 10 to 40 points', hidden: false, dataset: { belongVariable: '13', belongUntil: until || undefined } };
const earned = { textContent: 'You earn 25 points with this order.' };
const live = { setAttribute() {} };
const listeners = [];
const body = { appendChild() {} };
const document = {
	readyState: 'complete',
	body,
	createElement: () => live,
	querySelector: ( asked ) => ( asked.includes( 'cart-form' ) ? {} : '.belong-points__earn' === asked ? earned : null ),
	querySelectorAll: ( asked ) => ( '[data-belong-until]' === asked && ! until ? [] : [ line ] ),
};
const jQuery = () => ( {
	on( names, form, listener ) {
		names.split( ' ' ).forEach( ( name ) => listeners.push( { name, form, listener: listener || form } ) );
	},
} );
vm.runInNewContext( fs.readFileSync( script, 'utf8' ), { window: { jQuery }, document, Date, Number } );

const said = [ line.hidden ? '' : line.textContent ];
for ( const [ name, given ] of JSON.parse( events ) ) {
	if ( given && given.earned ) {
		earned.textContent = given.earned;
	}
	listeners.filter( ( one ) => one.name === name ).forEach( ( one ) => one.listener( {}, given ) );
	said.push( name.startsWith( 'updated' ) ? live.textContent || '' : line.hidden ? '' : line.textContent );
}
process.stdout.write( JSON.stringify( { said, forms: listeners.map( ( one ) => one.form ).filter( ( form ) => 'string' === typeof form ) } ) );
