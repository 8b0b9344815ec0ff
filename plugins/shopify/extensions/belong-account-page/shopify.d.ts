// What each file of this extension finds as the global `shopify`; Shopify's command writes the same.
import '@shopify/ui-extensions';

declare module './src/Page.tsx' {
  const shopify: import('@shopify/ui-extensions/customer-account.page.render').Api;
  const globalThis: {shopify: typeof shopify};
}
