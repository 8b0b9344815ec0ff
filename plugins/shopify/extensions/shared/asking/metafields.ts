/** What was pushed, read where each surface has it: none of this asks us. */

import {readProgramme, type Programme} from '../numbers/programme';
import {readSnapshot, type Snapshot} from '../numbers/snapshot';

/**
 * `told`: there is a snapshot. `none`: there is none, so nobody is a member or nothing was told yet. `unknown`: there is
 * one that this version cannot read, and then nothing at all is shown. `failed`: the surface has not answered.
 */
export type Told =
  | {readonly state: 'reading' | 'failed' | 'unknown'}
  | {readonly state: 'none'; readonly programme: Programme | null}
  | {readonly state: 'told'; readonly snapshot: Snapshot; readonly programme: Programme | null};

const NAMESPACE = '$app';
const ACCOUNT_API = 'shopify://customer-account/api/2026-07/graphql.json';
const ADMIN_API = 'shopify:admin/api/2026-07/graphql.json';

const OWN_SUMMARY = /* customer */ `query BelongOwn {
  customer { summary: metafield(namespace: "$app", key: "summary") { value } }
}`;
const PROGRAMME = /* storefront */ `query BelongProgramme {
  shop { programme: metafield(namespace: "$app", key: "programme") { value } }
}`;
const OF_CUSTOMER = /* admin */ `query BelongCustomer($id: ID!) {
  customer(id: $id) { summary: metafield(namespace: "$app", key: "summary") { value } }
  shop { programme: metafield(namespace: "$app", key: "programme") { value } }
}`;
const OF_ORDER = /* admin */ `query BelongOrder($id: ID!) {
  order(id: $id) { customer { summary: metafield(namespace: "$app", key: "summary") { value } } }
  shop { programme: metafield(namespace: "$app", key: "programme") { value } }
}`;
const GOODS = /* storefront */ `query BelongGoods($ids: [ID!]!) {
  shop { paymentSettings { currencyCode } }
  nodes(ids: $ids) { ... on Product { id isGiftCard } }
}`;

type Field = {value: string} | null | undefined;
interface Answer {
  customer?: {summary?: Field} | null;
  order?: {customer?: {summary?: Field} | null} | null;
  shop?: {programme?: Field; paymentSettings?: {currencyCode: string}} | null;
  nodes?: ({id?: string; isGiftCard?: boolean} | null)[];
}
/** The surface's own way to ask Shopify. */
export type Query = (
  query: string,
  options?: {variables?: Record<string, unknown>},
) => Promise<{data?: unknown; errors?: unknown[]}>;

export function toldBy(summary: unknown, programme: unknown): Told {
  const known = readProgramme(programme);
  if (summary === null || summary === undefined) {
    return {state: 'none', programme: known};
  }
  const snapshot = readSnapshot(summary);
  return snapshot ? {state: 'told', snapshot, programme: known} : {state: 'unknown'};
}

interface Entry {
  readonly target: {readonly type: string};
  readonly metafield: {readonly namespace: string; readonly key: string; readonly value: unknown};
}

/** Checkout, thank-you page and order status have what the extension's configuration names. */
export function ofEntries(entries: readonly Entry[]): Told {
  const find = (type: string, key: string) =>
    entries.find(
      ({target, metafield}) => target.type === type && metafield.namespace === NAMESPACE && metafield.key === key,
    )?.metafield.value;
  return toldBy(find('customer', 'summary'), find('shop', 'programme'));
}

/** The account's pages ask Shopify for the customer, and the storefront for the shop. */
export async function ofOwn(query: Query): Promise<Told> {
  const [own, shop] = await Promise.all([
    posted(ACCOUNT_API, OWN_SUMMARY),
    // Without it points are shown all the same; nothing can be redeemed.
    answered(query, PROGRAMME).catch((): Answer => ({})),
  ]);
  return ofAnswer({customer: own.customer, shop: shop.shop});
}

/** The admin's pages ask Shopify. id: global. */
export async function ofCustomer(query: Query, id: string): Promise<Told> {
  return ofAnswer(await answered(query, OF_CUSTOMER, {id}));
}

/** The customer of an order; an order without one has nobody's points. */
export async function ofOrder(query: Query, id: string): Promise<Told> {
  const {order, shop} = await answered(query, OF_ORDER, {id});
  return ofAnswer({customer: order && (order.customer ?? {}), shop});
}

/** A till asks Shopify by an address of its own. id: Shopify's number. */
export async function ofCustomerAtTill(id: number): Promise<Told> {
  return ofAnswer(await posted(ADMIN_API, OF_CUSTOMER, {id: `gid://shopify/Customer/${id}`}));
}

/** What the shop says of goods; null if it does not answer. ids: of products, global. */
export async function goodsOf(query: Query, ids: readonly string[]) {
  const told = await answered(query, GOODS, {ids: [...new Set(ids)]}).catch((): Answer => ({}));
  const currency = told.shop?.paymentSettings?.currencyCode;
  const found = (told.nodes ?? []).filter((one) => one?.id !== undefined && one.isGiftCard !== undefined);
  return currency === undefined
    ? null
    : {currency, giftCards: Object.fromEntries(found.map((one) => [one!.id!, one!.isGiftCard!]))};
}

function ofAnswer({customer, shop}: Answer): Told {
  return customer ? toldBy(customer.summary?.value, shop?.programme?.value) : {state: 'failed'};
}

async function answered(query: Query, text: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const {data, errors} = await query(text, {variables});
  return dataOf(data, errors);
}

async function posted(address: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({query, variables}),
  });
  const {data, errors} = (await answer.json()) as {data?: unknown; errors?: unknown[]};
  return dataOf(data, errors);
}

function dataOf(data: unknown, errors: unknown[] | undefined): Answer {
  if (errors?.length || typeof data !== 'object' || data === null) {
    throw new Error('Shopify has not answered');
  }
  return data as Answer;
}
