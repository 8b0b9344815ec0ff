// What each file of this extension finds as the global `shopify`; Shopify's command writes the same.
import '@shopify/ui-extensions';

declare module './src/Profile.tsx' {
  const shopify: import('@shopify/ui-extensions/customer-account.profile.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}

declare module './src/OrderStatus.tsx' {
  const shopify: import('@shopify/ui-extensions/customer-account.order-status.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}
