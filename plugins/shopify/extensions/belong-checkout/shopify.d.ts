// What each file of this extension finds as the global `shopify`; Shopify's command writes the same.
import '@shopify/ui-extensions';

declare module './src/Checkout.tsx' {
  const shopify: import('@shopify/ui-extensions/purchase.checkout.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}

declare module './src/ThankYou.tsx' {
  const shopify: import('@shopify/ui-extensions/purchase.thank-you.block.render').Api;
  const globalThis: {shopify: typeof shopify};
}
