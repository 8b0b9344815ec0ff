// What each file of this extension finds as the global `shopify`; Shopify's command writes the same.
import '@shopify/ui-extensions';

declare module './src/Customer.tsx' {
  const shopify: import('@shopify/ui-extensions/admin.customer-details.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}

declare module './src/Order.tsx' {
  const shopify: import('@shopify/ui-extensions/admin.order-details.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}
