/** The real service's words, as tests/shopify/extensions/spoken.py has heard them, and a network that says them. */

import {readFileSync} from 'node:fs';

interface Answer {
  status: number;
  body: any;
}
export const spoken = JSON.parse(readFileSync(process.env.SPOKEN!, 'utf8')) as Record<string, any>;
export const API: string = JSON.parse(spoken.programme).api;

export interface Call {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: any;
}

/** `lost`: the request arrives, the reply does not. */
export type Reply = string | Answer | 'lost';

/** What is said to each path, one after the other; the last one again and again. */
export function network(replies: Record<string, Reply[]>) {
  const calls: Call[] = [];
  const answer = async (address: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const path = String(address).replace(API, '');
    calls.push({
      path,
      method: init.method ?? 'GET',
      headers: {...(init.headers as Record<string, string>)},
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
    });
    const left = replies[`${init.method ?? 'GET'} ${path}`] ?? [];
    const reply = left.length > 1 ? left.shift() : left[0];
    if (reply === undefined || reply === 'lost') {
      throw new TypeError('Failed to fetch');
    }
    const {status, body} = typeof reply === 'string' ? (spoken[reply] as Answer) : reply;
    return new Response(JSON.stringify(body), {status});
  };
  return {calls, answer};
}

/** What an address of Shopify's own GraphQL answers. */
export function graphql(data: unknown): Answer {
  return {status: 200, body: {data}};
}

/** A snapshot of the real service with parts changed. */
export function changed(name: string, parts: Record<string, unknown>): string {
  return JSON.stringify({...JSON.parse(spoken[name]), ...parts});
}

export const TOKEN = 'POST /v1/shopify/token';
export const REDEEM = 'POST /v1/me/redemptions';
export const LIST = 'GET /v1/me/redemptions';

/** The list once the shop has the codes. */
export function issued(): Answer {
  const list = structuredClone(spoken.redemptions as Answer);
  list.body.redemptions.forEach((one: {state: string}) => (one.state = 'issued'));
  return list;
}
