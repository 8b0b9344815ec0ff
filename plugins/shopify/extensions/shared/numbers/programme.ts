/** What the service last told of the programme: the shop's metafield `$app` / `programme` (docs/snapshot.md). */

import {has, parsed, type Shape, type Shaped} from './shape';

const SCHEMA = 1;

const CAP = {of: {window: 'text', points: 'number?', times: 'number?'}} as const;
const RULE = {
  of: {
    lane: 'text',
    award: 'text',
    rates: {each: 'text'},
    points: 'number',
    factor: 'text',
    step_minor: 'number',
    starts_at: 'text?',
    ends_at: 'text?',
    conditions: [{of: {field: 'text', operator: 'text'}}],
    caps: [CAP],
  },
} as const;
const EARN = {
  of: {
    basis: 'text',
    include_shipping: 'flag',
    excludes: ['text'],
    rounding: 'text',
    minimum_minor: 'number',
    lanes: {each: 'text'},
    across: 'text',
    rules: [RULE],
    tier_factors: {each: 'text'},
    caps: [CAP],
    gift_card_products: ['text'],
    earn_until: 'text?',
  },
} as const;
const SECTION = {of: {key: 'text', title: 'text', sentences: ['text']}} as const;

const SHAPE = {
  of: {
    schema: 'number',
    name: 'text',
    timezone: 'text',
    currency: 'text',
    enrolment: 'text',
    points_name: {each: ['text']},
    earn: EARN,
    tiers: [{of: {id: 'text', rank: 'number', names: {each: 'text'}}}],
    language: 'text',
    rules: {each: [SECTION]},
    api: 'text?',
    dropped: ['text'],
  },
} as const satisfies Shape;

type Checked = Shaped<typeof SHAPE>;
export type Cap = Shaped<typeof CAP>;
export interface Condition {
  field: string;
  operator: string;
  values: (string | number | boolean)[];
}
export type Rule = Omit<Shaped<typeof RULE>, 'conditions'> & {conditions: Condition[]};
export type Earn = Omit<Checked['earn'], 'rules'> & {rules: Rule[]};
export type Programme = Omit<Checked, 'earn'> & {earn: Earn};
export type Section = Shaped<typeof SECTION>;

/** The programme's summary; null where there is none, or one that we do not know how to read. */
export function readProgramme(text: unknown): Programme | null {
  const told = parsed(text);
  return has(told, SHAPE) && told.schema === SCHEMA && haveValues(told) ? (told as unknown as Programme) : null;
}

function haveValues(told: Checked): boolean {
  const conditions = told.earn.rules.flatMap((rule) => rule.conditions) as {values?: unknown}[];
  return conditions.every((one) => Array.isArray(one.values));
}

/** The rules in words: in this language, else in the shop's. */
export function sectionsOf(programme: Programme, language: string): Section[] {
  return programme.rules[language] ?? programme.rules[programme.language] ?? [];
}

/** What one point and several are called: in this language, else in the shop's. */
export function pointsNameOf(programme: Programme, language: string): string[] {
  return programme.points_name[language] ?? programme.points_name[programme.language] ?? [];
}
