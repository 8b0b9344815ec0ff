// What each file of this extension finds as the global `shopify`; Shopify's command writes the same.
import '@shopify/ui-extensions';

declare module './src/Tile.tsx' {
  const shopify: import('@shopify/ui-extensions/pos.home.tile.render').Api;
  const globalThis: {shopify: typeof shopify};
}

declare module './src/Modal.tsx' {
  const shopify: import('@shopify/ui-extensions/pos.home.modal.render').Api;
  const globalThis: {shopify: typeof shopify};
}

declare module './src/Customer.tsx' {
  const shopify: import('@shopify/ui-extensions/pos.customer-details.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}
