// Writes values of Parquet as the texts that the CSV of a release has of them.

const DAY = 86_400_000_000n;

/** @param {string} digits @param {number} length */
const pad = (digits, length) => digits.padStart(length, "0");

/**
 * A floating-point number with the fewest digits that read back as it: an exponent below 1e-6 and from 1e10 on.
 * @param {number} value
 */
export function writeDouble(value) {
  if (Object.is(value, -0)) return "-0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const exponential = value.toExponential();
  const [digits, exponent] = exponential.split("e");
  const power = Number(exponent);
  if (value !== 0 && (power < -6 || power > 9)) return exponential;
  if (power >= 0 || value === 0) return String(value);
  const sign = value < 0 ? "-" : "";
  return `${sign}0.${"0".repeat(-power - 1)}${digits.replace(/[-.]/g, "")}`;
}

/** @param {bigint} unscaled @param {number} scale */
export function writeDecimal(unscaled, scale) {
  const sign = unscaled < 0n ? "-" : "";
  const digits = pad(String(unscaled < 0n ? -unscaled : unscaled), scale + 1);
  const point = digits.length - scale;
  return scale ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}` : sign + digits;
}

/** @param {bigint} year */
export function writeYear(year) {
  return year < 0n ? `-${pad(String(-year), 4)}` : pad(String(year), 4);
}

/**
 * A day, counted from 1970-01-01, in the Gregorian calendar.
 * Source: http://howardhinnant.github.io/date_algorithms.html#civil_from_days
 * @param {number} days
 */
export function writeDate(days) {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const number = month < 10 ? month + 3 : month - 9;
  const full = year + era * 400 + (number <= 2 ? 1 : 0);
  return `${pad(String(full), 4)}-${pad(String(number), 2)}-${pad(String(date), 2)}`;
}

/** @param {bigint} micros of a day @param {boolean} zone whether it is in UTC */
export function writeTime(micros, zone) {
  const seconds = Number(micros / 1_000_000n);
  const fraction = pad(String(micros % 1_000_000n), 6).replace(/0+$/, "");
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = parts.map((part) => pad(String(part), 2)).join(":");
  return `${text}${fraction && "."}${fraction}${zone ? "Z" : ""}`;
}

/** @param {bigint} micros since 1970-01-01 @param {boolean} zone */
export function writeInstant(micros, zone) {
  const inDay = ((micros % DAY) + DAY) % DAY;
  return `${writeDate(Number((micros - inDay) / DAY))}T${writeTime(inDay, zone)}`;
}
