-- A bicycle-sharing operator, documented by hand: what the quality kit hides and compares drafts with. The rows are made from
-- numbers alone, so that every server holds the same ones.

CREATE SCHEMA bike;
COMMENT ON SCHEMA bike IS 'Bicycles, stations, rides and money of a public bicycle-sharing scheme';

CREATE TYPE bike.ride_state AS ENUM ('reserved', 'riding', 'returned', 'abandoned', 'disputed');

CREATE TABLE bike.city (
  city_id integer PRIMARY KEY,
  name text NOT NULL UNIQUE,
  country_code char(2) NOT NULL,
  time_zone text NOT NULL,
  currency_code char(3) NOT NULL,
  launched_on date NOT NULL
);
COMMENT ON TABLE bike.city IS 'Cities in which the scheme operates';
COMMENT ON COLUMN bike.city.city_id IS 'Unique identifier of the city';
COMMENT ON COLUMN bike.city.name IS 'Name of the city as shown to riders';
COMMENT ON COLUMN bike.city.country_code IS 'ISO 3166 two-letter code of the country the city is in';
COMMENT ON COLUMN bike.city.time_zone IS 'IANA time zone in which opening hours and daily caps of the city are reckoned';
COMMENT ON COLUMN bike.city.currency_code IS 'ISO 4217 code of the currency in which rides in the city are charged';
COMMENT ON COLUMN bike.city.launched_on IS 'Day on which the scheme opened to the public in the city';

CREATE TABLE bike.station (
  station_id integer PRIMARY KEY,
  city_id integer NOT NULL REFERENCES bike.city,
  label text NOT NULL,
  latitude numeric(9,6) NOT NULL,
  longitude numeric(9,6) NOT NULL,
  dock_count integer NOT NULL CHECK (dock_count > 0),
  has_charger boolean NOT NULL,
  closed_at timestamptz,
  UNIQUE (city_id, label)
);
COMMENT ON TABLE bike.station IS 'Fixed places where bicycles are picked up and returned';
COMMENT ON COLUMN bike.station.station_id IS 'Unique identifier of the station';
COMMENT ON COLUMN bike.station.city_id IS 'City the station stands in';
COMMENT ON COLUMN bike.station.label IS 'Short name painted on the terminal; unique within a city';
COMMENT ON COLUMN bike.station.latitude IS 'Latitude of the terminal in decimal degrees';
COMMENT ON COLUMN bike.station.longitude IS 'Longitude of the terminal in decimal degrees';
COMMENT ON COLUMN bike.station.dock_count IS 'Number of docks, broken ones included';
COMMENT ON COLUMN bike.station.has_charger IS 'Whether electric bicycles charge while docked';
COMMENT ON COLUMN bike.station.closed_at IS 'Time at which the station was taken out of service; empty while it is open';

CREATE TABLE bike.bicycle_model (
  model_code text PRIMARY KEY,
  manufacturer text NOT NULL,
  is_electric boolean NOT NULL,
  weight_kg numeric(5,2) NOT NULL,
  battery_wh integer,
  list_price_eur numeric(10,2) NOT NULL
);
COMMENT ON TABLE bike.bicycle_model IS 'Types of bicycle the scheme owns';
COMMENT ON COLUMN bike.bicycle_model.model_code IS 'Code of the model; primary key';
COMMENT ON COLUMN bike.bicycle_model.manufacturer IS 'Company that builds the model';
COMMENT ON COLUMN bike.bicycle_model.is_electric IS 'Whether the model has a motor';
COMMENT ON COLUMN bike.bicycle_model.weight_kg IS 'Weight of the bicycle in kilograms, battery included';
COMMENT ON COLUMN bike.bicycle_model.battery_wh IS 'Capacity of the battery in watt hours; empty for models without a motor';
COMMENT ON COLUMN bike.bicycle_model.list_price_eur IS 'Price in euros from the catalogue of the manufacturer, before discounts';

CREATE TABLE bike.bicycle (
  bicycle_id integer PRIMARY KEY,
  model_code text NOT NULL REFERENCES bike.bicycle_model,
  frame_no text NOT NULL UNIQUE,
  home_city_id integer NOT NULL REFERENCES bike.city,
  station_id integer REFERENCES bike.station,
  odometer_m bigint NOT NULL,
  soc_pct smallint CHECK (soc_pct BETWEEN 0 AND 100),
  svc_flg char(1) NOT NULL,
  purchased_on date NOT NULL,
  retired_on date
);
COMMENT ON TABLE bike.bicycle IS 'Single bicycles of the fleet, retired ones included';
COMMENT ON COLUMN bike.bicycle.bicycle_id IS 'Unique identifier of the bicycle; the number on its mudguard';
COMMENT ON COLUMN bike.bicycle.model_code IS 'Model of the bicycle';
COMMENT ON COLUMN bike.bicycle.frame_no IS 'Serial number stamped into the frame';
COMMENT ON COLUMN bike.bicycle.home_city_id IS 'City that owns the bicycle and to which it is brought back';
COMMENT ON COLUMN bike.bicycle.station_id IS 'Station at which the bicycle is docked; empty while it is ridden or in the workshop';
COMMENT ON COLUMN bike.bicycle.odometer_m IS 'Distance ridden since purchase, in metres';
COMMENT ON COLUMN bike.bicycle.soc_pct IS 'State of charge of the battery in percent; empty for bicycles without a motor';
COMMENT ON COLUMN bike.bicycle.svc_flg IS 'Service flag: Y when the bicycle waits for the workshop, else N';
COMMENT ON COLUMN bike.bicycle.purchased_on IS 'Day on which the bicycle was bought';
COMMENT ON COLUMN bike.bicycle.retired_on IS 'Day on which the bicycle left the fleet; empty while it is in use';

CREATE TABLE bike.rider (
  rider_id bigint PRIMARY KEY,
  email text NOT NULL UNIQUE,
  full_name text NOT NULL,
  birth_date date,
  plan text NOT NULL CHECK (plan IN ('casual', 'monthly', 'yearly', 'student')),
  marketing_consent boolean NOT NULL,
  created_at timestamptz NOT NULL,
  blocked_reason text
);
COMMENT ON TABLE bike.rider IS 'People who signed up to ride';
COMMENT ON COLUMN bike.rider.rider_id IS 'Unique identifier of the rider';
COMMENT ON COLUMN bike.rider.email IS 'Email address the rider signs in with';
COMMENT ON COLUMN bike.rider.full_name IS 'First and last name of the rider';
COMMENT ON COLUMN bike.rider.birth_date IS 'Date of birth of the rider, needed for the age limit';
COMMENT ON COLUMN bike.rider.plan IS 'Subscription of the rider: casual, monthly, yearly or student';
COMMENT ON COLUMN bike.rider.marketing_consent IS 'Whether the rider agreed to receive advertising';
COMMENT ON COLUMN bike.rider.created_at IS 'Time at which the rider signed up';
COMMENT ON COLUMN bike.rider.blocked_reason IS 'Why the rider may not ride; empty for riders who may';

CREATE TABLE bike.tariff (
  tariff_id integer PRIMARY KEY,
  city_id integer NOT NULL REFERENCES bike.city,
  plan text NOT NULL,
  unlock_fee numeric(6,2) NOT NULL,
  per_minute numeric(6,3) NOT NULL,
  free_min smallint NOT NULL,
  daily_cap numeric(6,2),
  valid_from date NOT NULL,
  valid_to date
);
COMMENT ON TABLE bike.tariff IS 'Prices of a ride per city and subscription over time';
COMMENT ON COLUMN bike.tariff.tariff_id IS 'Unique identifier of the tariff';
COMMENT ON COLUMN bike.tariff.city_id IS 'City in which the tariff applies';
COMMENT ON COLUMN bike.tariff.plan IS 'Subscription the tariff is for: casual, monthly, yearly or student';
COMMENT ON COLUMN bike.tariff.unlock_fee IS 'Amount charged for unlocking a bicycle, in the currency of the city';
COMMENT ON COLUMN bike.tariff.per_minute IS 'Price of a minute after the free minutes, in the currency of the city';
COMMENT ON COLUMN bike.tariff.free_min IS 'Minutes of each ride that are free of charge';
COMMENT ON COLUMN bike.tariff.daily_cap IS 'Most that a rider pays for rides in one day; empty when there is no limit';
COMMENT ON COLUMN bike.tariff.valid_from IS 'First day on which the tariff applies';
COMMENT ON COLUMN bike.tariff.valid_to IS 'Last day on which the tariff applies; empty while it has no end';

CREATE TABLE bike.ride (
  ride_id bigint PRIMARY KEY,
  rider_id bigint NOT NULL REFERENCES bike.rider,
  bicycle_id integer NOT NULL REFERENCES bike.bicycle,
  tariff_id integer NOT NULL REFERENCES bike.tariff,
  from_station_id integer NOT NULL REFERENCES bike.station,
  to_station_id integer REFERENCES bike.station,
  state bike.ride_state NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  distance_m integer,
  amount numeric(8,2),
  rating smallint CHECK (rating BETWEEN 1 AND 5),
  rtg_note text
);
CREATE INDEX ON bike.ride (rider_id, started_at);
COMMENT ON TABLE bike.ride IS 'Rides from unlocking a bicycle to returning it';
COMMENT ON COLUMN bike.ride.ride_id IS 'Unique identifier of the ride';
COMMENT ON COLUMN bike.ride.rider_id IS 'Rider who unlocked the bicycle';
COMMENT ON COLUMN bike.ride.bicycle_id IS 'Bicycle that was ridden';
COMMENT ON COLUMN bike.ride.tariff_id IS 'Tariff by which the ride is charged';
COMMENT ON COLUMN bike.ride.from_station_id IS 'Station at which the ride began';
COMMENT ON COLUMN bike.ride.to_station_id IS 'Station at which the bicycle was returned; empty until then';
COMMENT ON COLUMN bike.ride.state IS 'State of the ride: reserved, riding, returned, abandoned or disputed';
COMMENT ON COLUMN bike.ride.started_at IS 'Time at which the bicycle was unlocked';
COMMENT ON COLUMN bike.ride.ended_at IS 'Time at which the bicycle was returned; empty while it is out';
COMMENT ON COLUMN bike.ride.distance_m IS 'Distance of the ride in metres, from the positions the bicycle sends';
COMMENT ON COLUMN bike.ride.amount IS 'Amount charged for the ride in the currency of the city';
COMMENT ON COLUMN bike.ride.rating IS 'Stars the rider gave, from 1 (bad) to 5 (good)';
COMMENT ON COLUMN bike.ride.rtg_note IS 'Free text the rider left with the rating';

CREATE TABLE bike.payment (
  payment_id bigint PRIMARY KEY,
  ride_id bigint NOT NULL REFERENCES bike.ride,
  method text NOT NULL,
  amount numeric(8,2) NOT NULL,
  fee_ct integer NOT NULL,
  psp_ref text NOT NULL UNIQUE,
  captured_at timestamptz,
  refunded_amount numeric(8,2) NOT NULL
);
COMMENT ON TABLE bike.payment IS 'Payments for rides as the payment provider reports them';
COMMENT ON COLUMN bike.payment.payment_id IS 'Unique identifier of the payment';
COMMENT ON COLUMN bike.payment.ride_id IS 'Ride that is paid for';
COMMENT ON COLUMN bike.payment.method IS 'How the rider paid: card, wallet or voucher';
COMMENT ON COLUMN bike.payment.amount IS 'Amount taken from the rider in the currency of the city';
COMMENT ON COLUMN bike.payment.fee_ct IS 'Fee the payment provider keeps, in cents';
COMMENT ON COLUMN bike.payment.psp_ref IS 'Reference of the payment at the payment provider';
COMMENT ON COLUMN bike.payment.captured_at IS 'Time at which the money was collected; empty while it is only reserved';
COMMENT ON COLUMN bike.payment.refunded_amount IS 'Amount given back to the rider, 0 when nothing was';

CREATE TABLE bike.work_order (
  work_order_id integer PRIMARY KEY,
  bicycle_id integer NOT NULL REFERENCES bike.bicycle,
  kind text NOT NULL,
  prio smallint NOT NULL,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  labour_min integer,
  parts jsonb NOT NULL,
  x1 text
);
COMMENT ON TABLE bike.work_order IS 'Repairs and inspections of bicycles in the workshop';
COMMENT ON COLUMN bike.work_order.work_order_id IS 'Unique identifier of the work order';
COMMENT ON COLUMN bike.work_order.bicycle_id IS 'Bicycle to be repaired or inspected';
COMMENT ON COLUMN bike.work_order.kind IS 'Kind of work: inspection, repair or battery';
COMMENT ON COLUMN bike.work_order.prio IS 'Priority of the work, 1 being the most urgent and 3 the least';
COMMENT ON COLUMN bike.work_order.opened_at IS 'Time at which the work was ordered';
COMMENT ON COLUMN bike.work_order.closed_at IS 'Time at which the work was finished; empty while it is open';
COMMENT ON COLUMN bike.work_order.labour_min IS 'Working time spent, in minutes';
COMMENT ON COLUMN bike.work_order.parts IS 'Spare parts used with their quantities, as a JSON array';
COMMENT ON COLUMN bike.work_order.x1 IS 'Bin in the storehouse from which the parts were taken';

CREATE TABLE bike.station_hour (
  station_id integer NOT NULL REFERENCES bike.station,
  hour timestamptz NOT NULL,
  departures integer NOT NULL,
  arrivals integer NOT NULL,
  avg_bikes numeric(5,2) NOT NULL,
  empty_min smallint NOT NULL,
  tmp_c numeric(4,1),
  PRIMARY KEY (station_id, hour)
);
COMMENT ON TABLE bike.station_hour IS 'Traffic of each station per hour, filled in by a nightly job';
COMMENT ON COLUMN bike.station_hour.station_id IS 'Station that was counted';
COMMENT ON COLUMN bike.station_hour.hour IS 'Beginning of the hour';
COMMENT ON COLUMN bike.station_hour.departures IS 'Number of rides that began at the station in the hour';
COMMENT ON COLUMN bike.station_hour.arrivals IS 'Number of rides that ended at the station in the hour';
COMMENT ON COLUMN bike.station_hour.avg_bikes IS 'Average number of bicycles docked during the hour';
COMMENT ON COLUMN bike.station_hour.empty_min IS 'Minutes of the hour during which no bicycle was docked';
COMMENT ON COLUMN bike.station_hour.tmp_c IS 'Air temperature in degrees Celsius; empty when the sensor was silent';

INSERT INTO bike.city VALUES
  (1, 'Utrecht', 'NL', 'Europe/Amsterdam', 'EUR', '2017-04-01'),
  (2, 'Bremen', 'DE', 'Europe/Berlin', 'EUR', '2018-05-15'),
  (3, 'Aarhus', 'DK', 'Europe/Copenhagen', 'DKK', '2019-03-20'),
  (4, 'Graz', 'AT', 'Europe/Vienna', 'EUR', '2021-06-01');

INSERT INTO bike.station
SELECT i, 1 + i % 4, 'S' || lpad(i::text, 3, '0'), 47 + (i * 37 % 1000) / 100.0, 5 + (i * 91 % 1000) / 100.0, 8 + i * 7 % 25,
       i % 3 = 0, CASE WHEN i % 17 = 0 THEN timestamptz '2024-01-01 00:00Z' + i * interval '3 days' END
FROM generate_series(1, 80) AS i;

INSERT INTO bike.bicycle_model VALUES
  ('CITY-3', 'Velora', false, 17.40, NULL, 620), ('CITY-5', 'Velora', false, 16.80, NULL, 690),
  ('E-URBAN', 'Nordrad', true, 24.10, 420, 1890), ('E-CARGO', 'Nordrad', true, 39.50, 750, 3450),
  ('FOLD-1', 'Plico', false, 12.90, NULL, 540);

INSERT INTO bike.bicycle
SELECT i, (ARRAY['CITY-3', 'CITY-5', 'E-URBAN', 'E-CARGO', 'FOLD-1'])[1 + i % 5], 'FR' || lpad((i * 7919 % 1000000)::text, 6, '0') || chr(65 + i % 26),
       1 + i % 4, CASE WHEN i % 6 <> 0 THEN 1 + i * 13 % 80 END, (i::bigint * 7919 * 31) % 9000000,
       CASE WHEN i % 5 IN (2, 3) THEN i * 37 % 101 END, CASE WHEN i % 11 = 0 THEN 'Y' ELSE 'N' END,
       date '2019-01-01' + i * 3 % 1800, CASE WHEN i % 19 = 0 THEN date '2024-02-01' + i % 300 END
FROM generate_series(1, 600) AS i;

INSERT INTO bike.rider
SELECT i, 'rider' || i || '@example.org', 'Rider ' || chr(65 + i % 26) || ' Number ' || i,
       CASE WHEN i % 10 <> 0 THEN date '1955-01-01' + i * 17 % 18000 END, (ARRAY['casual', 'casual', 'monthly', 'yearly', 'student'])[1 + i % 5],
       i % 4 = 0, timestamptz '2020-01-01 06:00Z' + i * interval '9 hours',
       CASE WHEN i % 41 = 0 THEN (ARRAY['unpaid ride', 'damaged bicycle'])[1 + i % 2] END
FROM generate_series(1, 2000) AS i;

INSERT INTO bike.tariff
SELECT i, 1 + i % 4, (ARRAY['casual', 'monthly', 'yearly', 'student'])[1 + i / 4 % 4], CASE WHEN i % 2 = 0 THEN 1.00 ELSE 0.50 END,
       0.05 + (i % 4) * 0.025, (i % 3) * 15, CASE WHEN i % 4 <> 3 THEN 12 + i % 5 END, date '2022-01-01' + i / 16 * 365,
       CASE WHEN i < 16 THEN date '2022-12-31' END
FROM generate_series(0, 31) AS i;

INSERT INTO bike.ride
SELECT i, 1 + i * 7 % 2000, 1 + i * 11 % 600, i % 32, 1 + i * 3 % 80, CASE WHEN i % 9 <> 0 THEN 1 + i * 5 % 80 END,
       (ARRAY['returned', 'returned', 'returned', 'returned', 'riding', 'reserved', 'abandoned', 'returned', 'disputed']::bike.ride_state[])[1 + i % 9],
       timestamptz '2023-01-01 05:00Z' + i * interval '41 minutes',
       CASE WHEN i % 9 NOT IN (4, 5) THEN timestamptz '2023-01-01 05:00Z' + i * interval '41 minutes' + (3 + i * 13 % 55) * interval '1 minute' END,
       CASE WHEN i % 9 NOT IN (4, 5) THEN 300 + i * 97 % 9000 END, CASE WHEN i % 9 NOT IN (4, 5) THEN round((i * 29 % 1500) / 100.0, 2) END,
       CASE WHEN i % 3 = 0 THEN 1 + i * 7 % 5 END,
       CASE WHEN i % 30 = 0 THEN (ARRAY['Brakes squeaked a little', 'Smooth ride along the river', 'Could not find a free dock at first', 'Saddle was too low and stuck'])[1 + i / 30 % 4] END
FROM generate_series(1, 8000) AS i;

INSERT INTO bike.payment
SELECT i, i, (ARRAY['card', 'card', 'wallet', 'voucher'])[1 + i % 4], round((i * 29 % 1500) / 100.0, 2), 12 + i % 30,
       'psp_' || md5(i::text), CASE WHEN i % 25 <> 0 THEN timestamptz '2023-01-01 06:00Z' + i * interval '41 minutes' END,
       CASE WHEN i % 50 = 0 THEN 1.50 ELSE 0 END
FROM generate_series(1, 7000) AS i;

INSERT INTO bike.work_order
SELECT i, 1 + i * 5 % 600, (ARRAY['inspection', 'repair', 'repair', 'battery'])[1 + i % 4], 1 + i % 3,
       timestamptz '2023-02-01 07:00Z' + i * interval '7 hours', CASE WHEN i % 12 <> 0 THEN timestamptz '2023-02-02 15:00Z' + i * interval '7 hours' END,
       CASE WHEN i % 12 <> 0 THEN 10 + i * 11 % 170 END, jsonb_build_array(jsonb_build_object('part', 'P' || i % 40, 'quantity', 1 + i % 3)),
       CASE WHEN i % 2 = 0 THEN 'A' || i % 9 || '-' || i % 4 END
FROM generate_series(1, 900) AS i;

INSERT INTO bike.station_hour
SELECT 1 + i % 80, timestamptz '2024-05-01 00:00Z' + i / 80 * interval '1 hour', i * 7 % 19, i * 5 % 17, (i * 13 % 250) / 10.0, CASE WHEN i % 8 = 0 THEN i % 60 ELSE 0 END,
       CASE WHEN i % 20 <> 0 THEN 4 + (i * 3 % 240) / 10.0 END
FROM generate_series(0, 5999) AS i;

ANALYZE;
