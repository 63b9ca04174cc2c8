/** A unit as columns name it. */
export interface MeasuringUnit {
  readonly unit: string
  /** What is measured when the name is nothing but the unit. */
  readonly quantity: string
}

/** Units by the token that names of columns end with. */
export const measuringUnits: Readonly<Record<string, MeasuringUnit>> = {
  g: { unit: 'grams', quantity: 'weight' },
  grams: { unit: 'grams', quantity: 'weight' },
  kg: { unit: 'kilograms', quantity: 'weight' },
  mg: { unit: 'milligrams', quantity: 'weight' },
  lbs: { unit: 'pounds', quantity: 'weight' },
  m: { unit: 'meters', quantity: 'length' },
  km: { unit: 'kilometers', quantity: 'distance' },
  cm: { unit: 'centimeters', quantity: 'length' },
  mm: { unit: 'millimeters', quantity: 'length' },
  m2: { unit: 'square meters', quantity: 'area' },
  m3: { unit: 'cubic meters', quantity: 'volume' },
  sqm: { unit: 'square meters', quantity: 'area' },
  sqft: { unit: 'square feet', quantity: 'area' },
  l: { unit: 'liters', quantity: 'volume' },
  ml: { unit: 'milliliters', quantity: 'volume' },
  ms: { unit: 'milliseconds', quantity: 'duration' },
  millis: { unit: 'milliseconds', quantity: 'duration' },
  milliseconds: { unit: 'milliseconds', quantity: 'duration' },
  s: { unit: 'seconds', quantity: 'duration' },
  sec: { unit: 'seconds', quantity: 'duration' },
  secs: { unit: 'seconds', quantity: 'duration' },
  seconds: { unit: 'seconds', quantity: 'duration' },
  mins: { unit: 'minutes', quantity: 'duration' },
  minutes: { unit: 'minutes', quantity: 'duration' },
  hours: { unit: 'hours', quantity: 'duration' },
  hrs: { unit: 'hours', quantity: 'duration' },
  days: { unit: 'days', quantity: 'duration' },
  bytes: { unit: 'bytes', quantity: 'size' },
  kb: { unit: 'kilobytes', quantity: 'size' },
  mb: { unit: 'megabytes', quantity: 'size' },
  gb: { unit: 'gigabytes', quantity: 'size' },
  pct: { unit: 'percent', quantity: 'share' },
  percent: { unit: 'percent', quantity: 'share' },
  percentage: { unit: 'percent', quantity: 'share' },
  eur: { unit: 'euros', quantity: 'amount' },
  usd: { unit: 'US dollars', quantity: 'amount' },
  gbp: { unit: 'pounds sterling', quantity: 'amount' },
  chf: { unit: 'Swiss francs', quantity: 'amount' },
  cents: { unit: 'cents', quantity: 'amount' },
  kwh: { unit: 'kilowatt hours', quantity: 'energy' },
  celsius: { unit: 'degrees Celsius', quantity: 'temperature' },
}

/** Tokens that name a unit at the end of a number's name and something else anywhere else. */
export const unitsOfNumbers: Readonly<Record<string, MeasuringUnit>> = {
  min: { unit: 'minutes', quantity: 'duration' },
  wh: { unit: 'watt hours', quantity: 'energy' },
  ct: { unit: 'cents', quantity: 'amount' },
}
