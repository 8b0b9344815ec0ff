/* The editor shows our blocks as the server draws them; titles and settings come from each block.json. */
( function ( blocks, blockEditor, components, element, ServerSideRender ) {
	'use strict';
	var create = element.createElement;
	[ 'balance', 'tier', 'rewards', 'badges', 'referral', 'history', 'rules', 'points' ].forEach( function ( part ) {
		var name = 'belong/' + part;
		blocks.registerBlockType( name, {
			edit: function () {
				return create(
					'div',
					blockEditor.useBlockProps(),
					create( components.Disabled, null, create( ServerSideRender, { block: name } ) )
				);
			},
			save: function () {
				return null;
			},
		} );
	} );
} )( window.wp.blocks, window.wp.blockEditor, window.wp.components, window.wp.element, window.wp.serverSideRender );
