/** One call to our service. What comes of it is an answer, a refusal, or that nobody knows. */

const SECONDS_MAX = 10;
// Refusals of the wish itself; others come before anybody has looked at it.
const ANSWERS = [400, 404, 409, 422];

/**
 * The service has refused, and this call has changed nothing. code: stable; numbers: what it says of it. isAnswer:
 * whether it looked at the key, so that an earlier call with it has changed nothing either.
 */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly numbers: Record<string, unknown> = {},
    readonly isAnswer = false,
  ) {
    super(code);
  }
}

/** No answer that can be read: it may have happened or not. The same key once more finds out. */
export class Unanswered extends Error {}

export interface Asked {
  readonly token: string;
  readonly body?: unknown;
  /** Idempotency key. */
  readonly key?: string;
}

/** POST with a body, else GET. Throws Refused or Unanswered. */
export async function call(address: string, asked: Asked): Promise<unknown> {
  const [status, told] = await sent(address, asked);
  if (status >= 200 && status < 300) {
    if (told === undefined) {
      throw new Unanswered();
    }
    return told;
  }
  if (status >= 500 || status === 408) {
    throw new Unanswered();
  }
  const {code, numbers} = (told ?? {}) as {code?: unknown; numbers?: unknown};
  throw new Refused(
    typeof code === 'string' ? code : status === 429 ? 'too-fast' : status === 401 ? 'signed-out' : 'not-possible',
    typeof numbers === 'object' && numbers !== null ? (numbers as Record<string, unknown>) : {},
    asked.key !== undefined && ANSWERS.includes(status),
  );
}

async function sent(address: string, {token, body, key}: Asked): Promise<[number, unknown]> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), SECONDS_MAX * 1000);
  const headers: Record<string, string> = {Authorization: `Bearer ${token}`};
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  if (key !== undefined) {
    headers['Idempotency-Key'] = key;
  }
  try {
    const answer = await fetch(address, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop.signal,
    });
    return [answer.status, await answer.json().catch(() => undefined)];
  } catch {
    throw new Unanswered();
  } finally {
    clearTimeout(timer);
  }
}
