/**
 * Fills the places for points in wp-admin. Everything that was told is written as text, never as HTML.
 */
( function () {
	'use strict';

	function make( tag, text, parent ) {
		var made = document.createElement( tag );
		if ( text ) {
			made.textContent = text;
		}
		parent.appendChild( made );
		return made;
	}

	function showItem( item, list ) {
		var line = make( 'li', '', list );
		if ( item.number ) {
			var number = make( 'bdi', item.number, line );
			number.className = 'belong-desk-number';
			number.dir = 'ltr';
			line.appendChild( document.createTextNode( ' ' ) );
		}
		make( 'bdi', item.text, line );
		if ( item.date ) {
			line.appendChild( document.createTextNode( ' ' ) );
			make( 'span', item.date, line ).className = 'belong-desk-date';
		}
		if ( item.more && item.more.length ) {
			var details = make( 'details', '', line );
			make( 'summary', item.asks, details );
			var steps = make( 'ul', '', details );
			item.more.forEach( function ( step ) {
				make( 'bdi', step, make( 'li', '', steps ) );
			} );
		}
	}

	function showLink( link, parent ) {
		var url = new URL( link.url, window.location.href );
		if ( 'https:' === url.protocol || 'http:' === url.protocol ) {
			make( 'a', link.text, make( 'p', '', parent ) ).href = url.href;
		}
	}

	function showNumbers( place, numbers ) {
		var around = place.closest( '.belong-desk-user' );
		Object.keys( numbers || {} ).forEach( function ( key ) {
			var number = around && around.querySelector( '[data-belong-number="' + key + '"]' );
			if ( number ) {
				number.textContent = numbers[ key ];
			}
		} );
	}

	function show( place, told ) {
		var body = place.querySelector( '.belong-desk-told' );
		var form = place.parentNode.querySelector( '.belong-desk-adjust' );
		body.textContent = '';
		place.querySelector( '.belong-desk-state' ).textContent = told.summary;
		showNumbers( place, told.numbers );
		told.sections.forEach( function ( section ) {
			make( 'h3', section.title, body );
			var list = make( 'ul', '', body );
			list.lang = told.language;
			section.items.forEach( function ( item ) {
				showItem( item, list );
			} );
		} );
		if ( told.link ) {
			showLink( told.link, body );
		}
		if ( form && ! form.hidden !== told.adjusts ) {
			form.hidden = ! told.adjusts;
		}
	}

	function showFailure( place, text, texts ) {
		var state = place.querySelector( '.belong-desk-state' );
		var body = place.querySelector( '.belong-desk-told' );
		state.textContent = text;
		body.textContent = '';
		var again = make( 'button', texts.again, body );
		again.type = 'button';
		again.className = 'button';
		again.addEventListener( 'click', function () {
			state.tabIndex = -1;
			state.focus();
			load( place, texts );
		} );
	}

	function load( place, texts ) {
		place.setAttribute( 'aria-busy', 'true' );
		place.querySelector( '.belong-desk-state' ).textContent = texts.asking;
		return window.wp.apiFetch( { path: place.dataset.belongPath } ).then(
			function ( told ) {
				show( place, told );
			}
		).catch( function ( problem ) {
			showFailure( place, ( problem && problem.message ) || texts.failed, texts );
		} ).then( function () {
			place.removeAttribute( 'aria-busy' );
		} );
	}

	function newKey() {
		var bytes = window.crypto.getRandomValues( new Uint8Array( 16 ) );
		return Array.prototype.map.call( bytes, function ( one ) {
			return ( '0' + one.toString( 16 ) ).slice( -2 );
		} ).join( '' );
	}

	function inWords( text, values ) {
		return text.replace( /%(\d)\$s/g, function ( whole, at ) {
			return values[ at - 1 ];
		} );
	}

	/** The number as it was typed; null if it is none. */
	function pointsOf( field ) {
		var text = field.value.trim().replace( /\u2212/g, '-' );
		return /^[+-]?\d{1,13}$/.test( text ) && Number( text ) !== 0 ? Number( text ) : null;
	}

	function complain( field, text, outcome ) {
		field.setAttribute( 'aria-invalid', 'true' );
		outcome.textContent = text;
		field.focus();
	}

	function prepare( place, form, texts ) {
		var points = form.querySelector( '#belong-desk-points' );
		var reason = form.querySelector( '#belong-desk-reason' );
		var outcome = form.querySelector( '.belong-desk-outcome' );
		var button = form.querySelector( 'button' );
		var key = newKey();
		var isBusy = false;

		function finished( told ) {
			// It is known what became of it: the next deed is another one.
			key = newKey();
			outcome.textContent = told.message;
			showNumbers( place, told.numbers );
			if ( told.done ) {
				points.value = '';
				reason.value = '';
				load( place, texts );
			}
		}

		function failed( problem ) {
			var isKnown = problem && problem.data && problem.data.status >= 400 && problem.data.status < 500;
			outcome.textContent = ( ( problem && problem.message ) || texts.failed ) + ( isKnown ? '' : ' ' + texts.unsure );
		}

		function run() {
			var wanted = pointsOf( points );
			var why = reason.value.trim();
			points.removeAttribute( 'aria-invalid' );
			reason.removeAttribute( 'aria-invalid' );
			if ( isBusy ) {
				return;
			}
			if ( null === wanted ) {
				complain( points, texts.points, outcome );
				return;
			}
			if ( ! why ) {
				complain( reason, texts.reason, outcome );
				return;
			}
			// eslint-disable-next-line no-alert -- what moves points is asked for twice.
			if ( ! window.confirm( inWords( texts.sure, [ ( wanted > 0 ? '+' : '' ) + wanted, form.dataset.belongName, why ] ) ) ) {
				return;
			}
			isBusy = true;
			button.setAttribute( 'aria-disabled', 'true' );
			outcome.textContent = texts.doing;
			window.wp.apiFetch( {
				path: form.dataset.belongPath,
				method: 'POST',
				data: { points: wanted, reason: why, key: key },
			} ).then( finished, failed ).then( function () {
				isBusy = false;
				button.removeAttribute( 'aria-disabled' );
			} );
		}

		button.addEventListener( 'click', run );
		[ points, reason ].forEach( function ( field ) {
			field.addEventListener( 'keydown', function ( event ) {
				// Enter would send WordPress's form around us.
				if ( 'Enter' === event.key ) {
					event.preventDefault();
					run();
				}
			} );
		} );
	}

	document.querySelectorAll( '.belong-desk' ).forEach( function ( place ) {
		var texts = JSON.parse( place.dataset.belongTexts );
		var form = place.parentNode.querySelector( '.belong-desk-adjust' );
		if ( form ) {
			prepare( place, form, texts );
		}
		load( place, texts );
	} );
}() );
