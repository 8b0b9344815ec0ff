/* The editor shows our blocks as the server draws them; titles and settings come from each block.json. */
( function ( blocks, blockEditor, components, element, ServerSideRender ) {
	'use strict';
	var create = element.createElement;
	[ 'balance', 'tier', 'rewards', 'badges', 'referral', 'history', 'choices', 'ways', 'rules', 'board', 'points', 'earn' ].forEach( function ( part ) {
		var name = 'belong/' + part;
		/** Whoever edits may be no member, and a template is about no product. */
		function Empty() {
			var type = blocks.getBlockType( name );
			return create( components.Placeholder, { label: type.title, instructions: type.description } );
		}
		blocks.registerBlockType( name, {
			edit: function ( props ) {
				var about = props.context && props.context.postId;
				var drawn = { block: name, urlQueryArgs: about ? { post_id: about } : {}, EmptyResponsePlaceholder: Empty };
				return create(
					'div',
					blockEditor.useBlockProps(),
					create( components.Disabled, null, create( ServerSideRender, drawn ) )
				);
			},
			save: function () {
				return null;
			},
		} );
	} );
} )( window.wp.blocks, window.wp.blockEditor, window.wp.components, window.wp.element, window.wp.serverSideRender );
