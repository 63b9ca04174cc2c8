const listed = `
able about academic access account action active activity actor actual address administrator adult advance after age agency
agent aggregate agreement album alert alias alive allowed alternative altitude amount analysis animal annual answer
apartment app applicant application appointment approval approved area arrival article artist asset assigned attachment
attempt attribute audio audit author authorization available average avatar balance bank banner barcode base basket batch
before begin beginning benefit best bill billing billable bin birth birthday blob block blog blood body bonus book booking
bounce box brand branch browser budget building bundle business button buyer bytes call campaign cancel cancelled capacity
capital card career cargo carrier cart case cash catalog category cause cell center certificate chain change channel
character charge charged check checkout child children choice city claim class classification clean client clinic close
closed cluster code codes coffee collection color column comment commission company competitor complete completed component
composer condition confirmed connection consent constant contact container content contract contribution control conversion
cookie copy core cost count counter country county coupon course cover created credit currency current currently custom
customer cycle daily damage data database date day days deadline deal dealer death debit debt decision default defect degree
delay delete deleted delivered delivery demand department departure deposit depth description design destination detail
details device diagnosis difference digest digital dimension direction director directory disabled discount discounted
display distance district division doctor document domain donation door download draft driver due duration duty early
earning edition editor education effective effort email emergency employee employer employment enabled end ended ending
energy engine entity entry environment equipment error estimate event exact exchange expected expense experience expired
expires expiry export extension external factor failed failure family fare feature federal fee feedback fee field file
filename fill film final finish finished first fiscal fit flag fleet flight floor flow folder food foot forecast foreign
form format forward found fraction freight frequency friend from fuel full function fund game gate gender general generation
genre gift global goal goods grade grant gross group growth guest guide handling hand hash head header health height help
hidden hire hired history hold holiday home horizontal hospital host hotel hour hours house household icon identifier image
import income index industry information initial input inspection install instance instruction insurance interest internal
international interval inventory invoice issue issued item items job join journal key kind label labor landing language large
last latest latitude launch layer lead leader league lease leave ledger left legacy legal length lesson letter level library
license life limit line lines link list listing load loan local location locked login logo longitude lost lot loyalty lower
machine mail main maintenance make male manager manufacturer map margin marital mark market marketing master match material
maximum meal mean measure measurement media median medical member membership memo menu merchant message meter method metric
middle milestone minimum minor minute minutes mobile mode model modified module money month monthly months motion movement
movie municipality music name nation national nationality nature net network new news newsletter next nickname night node
note notes notification number object occupation occurred offer office official offset online open opened opening operation
operator option order ordered orders organization origin original other outcome output outstanding overall overdue overview
owed owner package page paid pallet parent part participant partner partition party passenger passport password patient path
patient pattern pause pay payable payment payroll peak penalty pending people percent percentage performance period permission
person personal phase phone photo physical picture picked piece pin pixel place placed plan plane planned planning planting plant plants
platform play player playlist plot point points policy poll pool population port portal portfolio position post postal posted
pot power precision preference preferred premium prescription present pressure previous price primary print prior priority private
probability problem procedure process processed product production profession profile profit program progress project
promotion property protocol provider province public publication published publisher purchase purpose quality quantity
quarter query question queue quota quote race rank ranking rate rates rating ratio raw reach read reading reason receipt
receivable received receiver recipient record recorded recurring redeemed reference referral refund refunded region register registered
registration rejected relation release released remark remarks reminder remote renewal rent rental repair reply report
reports request required reservation reserve reserved resident resolution resolved resource response responsible rest result
retail return returned returns revenue review reviewed revision reward right risk road role room root rotation round route
row rule run salary sale sales salutation sample saved scale schedule scheduled school scope score screen scroll search
season seat second secondary seconds secret section sector segment seller send sender sent sequence serial series server
service session set settlement severity sex shape share sheet shelf shelves shift ship shipment shipped shipping shop short
side signal signature signup single site situation size skill slot slug small snapshot social soil sold song sort source
space special species specification speed spent spread staff stage standard star start started state statement station
status step stock storage store story street string strength student style subject submitted subscriber subscription subtotal
success suffix suite sum summary supplier supply support surcharge surname survey symbol system table tag target task tax
taxable teacher team technical technology temperature term terms territory test text theme threshold thumbnail ticket tier
time timestamp timezone title to token tool topic total touch tour town track tracking trade traffic training transaction
transfer transport travel treatment trial trip truck trust type unit units university unsubscribed update updated upload
upper usage use used user username vacation valid value values variable variant vehicle vendor verified version vertical view
viewed views village visible visit visitor visits voice void volume vote voucher wage wait warehouse warranty waste watch
water wave way weather web website week weekday weekly weight wheel white wholesale width window winner withdrawal word work
worker workflow world write written year yearly years yield young zone accessory age bed bottom cat dog fish garden green
hardy height leaf light pack pest poison red seed shade shelf sun toxic tree watering depth hardiness fragile perennial
organic stock reorder quarantine expected counted sell selling buy buying loading opening starting answered asked hold
payload workload timeline headline airline airport seaport backup setup markup lookup webhook endpoint hostname payout timeout layout logout popup zipcode bookmark benchmark trademark landmark postcode keyword callback cashback rollback playback background breakdown countdown markdown shutdown warehouse household bloom care pet pets buyer vault token token botanical longer shorter loved kind payee payer tenant owner landlord broker lender insured renewal composer milliseconds playlist hobby fax manufactured subtotal onboarded enrolled
`

/** English words that names of tables and columns are made of. Used to tell words from cryptic fragments and to part glued ones. */
export const knownWords: ReadonlySet<string> = new Set(listed.trim().split(/\s+/))
