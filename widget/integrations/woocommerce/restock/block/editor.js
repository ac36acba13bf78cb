// The block in the editor: a likeness of the button, and a field for the product's id. Pages render it on the server.
( ( { blocks, element, blockEditor, components, i18n } ) => {
	const { createElement: el } = element;
	const { __ } = i18n;
	blocks.registerBlockType( 'restock/notify', {
		edit: ( { attributes, setAttributes } ) =>
			el( 'div', blockEditor.useBlockProps(),
				el( blockEditor.InspectorControls, null,
					el( components.PanelBody, { title: __( 'Product', 'restock' ) },
						el( components.TextControl, {
							label: __( 'Product ID', 'restock' ),
							help: __( 'Leave empty for the product of the page.', 'restock' ),
							type: 'number',
							value: attributes.product || '',
							onChange: ( value ) => setAttributes( { product: Number( value ) || undefined } ),
						} ) ) ),
				el( 'span', { className: 'wp-element-button', 'aria-hidden': true }, __( 'Notify me when available', 'restock' ) ) ),
		save: () => null,
	} );
} )( window.wp );
