import type { AssetPath } from '@amx/api'

// Words that by themselves say "about a person" or "a secret", in the languages our users' schemas are written in. Compared
// with whole words of a name, never with parts of words: "emailing" or "telescope" is not a hit.
const personalWords = words(`
  email emails mail mails eposta correo courriel
  phone phones telephone telefon telefono telefone telephonenumber tel mobile cell cellphone handy handynummer msisdn fax gsm rufnummer
  ssn sin nin nino tckn cpf dni nif nie bsn pesel cnp sozialversicherungsnummer svnr steuerid kimlik curp aadhaar insee nir
  iban bic accountnumber kontonummer cardnumber creditcard kreditkarte kartennummer pan cvv cvc
  passport reisepass pasaporte passeport passaporto paspoort pasaport
  birthday birthdate dob geburtstag geburtsdatum gebdat naissance nacimiento nascita nascimento geboortedatum dogumtarihi
  firstname lastname fullname surname forename middlename givenname familyname maidenname nickname
  vorname nachname familienname zuname prenom apellido apellidos cognome sobrenome achternaam voornaam soyad soyadi imie nazwisko
  address addr street adresse anschrift strasse hausnummer direccion calle indirizzo endereco rua adres ulica sokak
  password passwd pwd passwort kennwort contrasena secret apikey pin otp
  gender sex geschlecht sexe sexo religion ethnicity race disability diagnosis blutgruppe
  salary gehalt wage lohn sueldo salaire
  assignee salesperson salesman saleswoman sachbearbeiter sachbearbeiterin bearbeiter ansprechpartner betreuer verkaufer vendedor vendeur
  ipaddress useragent cookie deviceid imei imsi mac licenceplate licenseplate kennzeichen geolocation
`)

// Words for how to reach somebody: a key, kind or flag of such a thing is not the thing, as in "address_id" or "email_verified".
const reachWords = words(`
  email emails mail mails phone phones telephone telefon tel mobile cell fax address addr adresse street strasse password cookie
`)

const qualifiers = words(`
  id ids sk fk key type typ kind art category status flag count number_of total enabled verified confirmed valid validated optin opt allowed
  required bounced sent opened changed updated created at date since
`)

// Pairs of neighbouring words.
const personalPairs = words(`
  first_name last_name full_name middle_name given_name family_name maiden_name user_name contact_name customer_name display_name
  employee_name person_name patient_name holder_name account_holder nom_famille birth_date date_birth birth_day birth_place
  geburts_datum credit_card card_number card_no account_number account_no bank_account tax_id tax_number social_security national_id id_card
  phone_number mobile_number ip_address ip_addr mac_address home_address user_agent api_key access_token refresh_token auth_token
  account_manager sales_rep sales_person sales_agent contact_person assigned_to
  driver_licence driver_license license_plate licence_plate e_mail zip_code postal_code post_code
`)

// Relations about people: there even a column called "name" is one.
const peopleWords = words(`
  customer customers client clients person persons people employee employees user users member members patient patients student students
  contact contacts guest guests subscriber subscribers teacher teachers driver drivers staff author authors owner owners lead leads
  kunde kunden mitarbeiter benutzer personen patienten cliente clientes empleado empleados personne personnes utilisateur utilisateurs
  klant klanten musteri musteriler calisan kisi personel dipendente utente pessoa pessoas pracownik klient
`)

const nameWords = words('name names nom nombre nome naam ad adi isim nazwa')

// What a column is called whose values are states, kinds and places, not people.
const stateNames = words(`
  status state type typ kind art category kategorie class classification group gruppe segment level tier priority method mode channel
  region country land city stadt province continent department abteilung division unit brand line genre format severity stage phase
  role title position reason source color colour farbe size language sprache currency plan product produkt service
`)

// Where people write what they like, a text that many rows share can still be about a person.
const freeTextNames = words(`
  note notes comment comments remark remarks memo message messages feedback bemerkung bemerkungen notiz notizen kommentar anmerkung nachricht
  nota notas commentaire remarque opmerking
`)

/** Whether a column's name says that people write freely in it. */
export function namesFreeText(column: string): boolean {
  return nameParts(column).some((word) => freeTextNames.has(word))
}

/** Whether a column's name says that its values are states, kinds or places. */
export function namesState(column: string): boolean {
  return nameParts(column).some((word) => stateNames.has(word))
}

/** Whether a column's name alone says that it holds personal data or a secret. */
export function hasPersonalName(path: AssetPath): boolean {
  const column = nameParts(path.at(-1) ?? '')
  const last = column.at(-1) ?? ''
  // "created_by", "decided_by": whoever did it.
  if (last === 'by' && column.length > 1) return true
  const qualified = column.length > 1 && qualifiers.has(last)
  const hits = column.filter((word) => personalWords.has(word))
  if (hits.some((word) => !qualified || !reachWords.has(word)) || personalWords.has(column.join(''))) return true
  const pairs = column.slice(1).map((word, index) => `${column[index] ?? ''}_${word}`)
  // "date of birth", "nom de famille": the small word between does not matter.
  const skipping = column.slice(2).map((word, index) => `${column[index] ?? ''}_${word}`)
  const reaching = /_(?:address|phone|number)$|^e_mail$/
  if ([...pairs, ...skipping].some((pair) => personalPairs.has(pair) && !(qualified && reaching.test(pair))))
    return true
  return (
    nameWords.has(last) && column.length === 1 && nameParts(path.at(-2) ?? '').some((word) => peopleWords.has(word))
  )
}

/** The words of a name: split at marks, digits and capitals, without accents, in lower case. */
export function nameParts(name: string): readonly string[] {
  return name
    .replaceAll('ß', 'ss')
    .replaceAll('ı', 'i')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
