/** Nothing was changed; the message says why, and what to run first. */
export class DriftRefused extends Error {
  override readonly name = 'DriftRefused'
}
