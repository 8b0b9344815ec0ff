/** Whether a rule fires: yes, no, or null where the checkout cannot know it: then both are reckoned with. */

import type {Condition, Rule} from '../numbers/programme';
import {goodsOf, type Basket, type Line} from './basket';

// These choose lines; all others say yes or no of the whole order.
const ON_LINES = ['product', 'variant', 'sku', 'collection', 'category', 'product_tag'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

type Answer = boolean | null;
type Value = Condition['values'][number];

/** What is known besides the basket. tier: its id, or null for none. */
export interface Situation {
  readonly now: Date;
  readonly zone: string;
  readonly baseCurrency: string;
  readonly tier: string | null;
}

export function hasCome(moment: string | null, now: Date): boolean {
  return moment !== null && now.getTime() >= Date.parse(moment);
}

/** Whether window and conditions on the whole order hold. */
export function fires(rule: Rule, basket: Basket, at: Situation): Answer {
  if ((rule.starts_at !== null && !hasCome(rule.starts_at, at.now)) || hasCome(rule.ends_at, at.now)) {
    return false;
  }
  const asked = rule.conditions.filter((one) => !ON_LINES.includes(one.field));
  const answers = asked.map((one) => holds(one, basket, at));
  return answers.includes(false) ? false : answers.includes(null) ? null : true;
}

export function chooses(rule: Rule): boolean {
  return rule.conditions.some((one) => ON_LINES.includes(one.field));
}

/** The lines that a rule asks for: those that are sure, and those that may be. */
export function chosen(rule: Rule, lines: readonly Line[]): {sure: Line[]; perhaps: Line[]} {
  const asked = rule.conditions.filter((one) => ON_LINES.includes(one.field));
  const answers = lines.map((line) => asked.map((one) => holdsOfLine(one, line)));
  return {
    sure: lines.filter((_, at) => answers[at]!.every((one) => one === true)),
    perhaps: lines.filter((_, at) => !answers[at]!.includes(false)),
  };
}

function holdsOfLine(condition: Condition, line: Line): Answer {
  if (condition.operator !== 'in' && condition.operator !== 'not_in') {
    return null;
  }
  const own: {[field: string]: readonly string[]} = {
    product: line.product === '' ? [] : [line.product],
    variant: line.variant === null ? [] : [line.variant],
    sku: line.sku === null ? [] : [line.sku],
    ...line.words,
  };
  const found = own[condition.field];
  return found === undefined ? null : isAmong(condition, found);
}

function holds(condition: Condition, basket: Basket, at: Situation): Answer {
  switch (condition.field) {
    case 'order_value':
      return holdsOfValue(condition, basket, at.baseCurrency);
    case 'weekday':
      return compared(condition, [DAYS[new Date(`${localDay(at)}T12:00:00Z`).getUTCDay()]!]);
    case 'date':
      return compared(condition, [localDay(at)]);
    case 'currency':
      return compared(condition, [basket.currency]);
    case 'tier':
      return compared(condition, at.tier === null ? [] : [at.tier]);
    case 'order_tag':
      return basket.orderTags === null ? null : compared(condition, basket.orderTags);
    case 'source':
      return ofEach(condition, basket.channels);
    case 'country':
      return ofEach(condition, basket.countries);
  }
  return null;
}

/** The day in the programme's zone, such as 2026-11-28. */
function localDay(at: Situation): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: at.zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at.now);
  const part = (type: string) => parts.find((one) => one.type === type)!.value;
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

/** What an order is worth is asked in the base currency, and nobody knows rates here. More may come to a part of one. */
function holdsOfValue(condition: Condition, basket: Basket, baseCurrency: string): Answer {
  if (basket.currency !== baseCurrency) {
    return null;
  }
  const [least, most] = goodsOf(basket);
  const low = compared(condition, [least]);
  if (!basket.isWhole) {
    return low && condition.operator === 'at_least' ? true : null;
  }
  if (least === most) {
    return low;
  }
  // What holds at both ends holds between them; what holds at neither may, for what lies between two bounds.
  const isOneSided = condition.operator === 'at_least' || condition.operator === 'at_most';
  const isSure = isOneSided || (condition.operator === 'between' && low === true);
  return isSure && low === compared(condition, [most]) ? low : null;
}

/** The same for each value that may be the one; null if they differ, or if there is none. */
function ofEach(condition: Condition, values: readonly string[]): Answer {
  const found = new Set(values.map((one) => compared(condition, [one])));
  return found.size === 1 ? [...found][0]! : null;
}

function compared(condition: Condition, found: readonly Value[]): Answer {
  const {operator, values} = condition;
  if (operator === 'in' || operator === 'not_in') {
    return isAmong(condition, found);
  }
  const [value] = found;
  const [from, to] = values;
  if (value === undefined || from === undefined || typeof value !== typeof from) {
    return null;
  }
  switch (operator) {
    case 'at_least':
      return value >= from;
    case 'at_most':
      return value <= from;
    case 'between':
      return to === undefined ? null : from <= value && value <= to;
  }
  return null;
}

function isAmong(condition: Condition, found: readonly Value[]): boolean {
  const wanted = condition.values.map(String);
  return (condition.operator === 'in') === found.some((one) => wanted.includes(String(one)));
}
