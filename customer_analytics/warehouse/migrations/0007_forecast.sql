-- Version 7: what is expected of every customer, by which models, and what these have learned.

-- Grain: as_of_date, customer_id; everyone with an order by the end of the day. Amounts are in currency units and gross of
-- refunds. A purchase occasion, here called an order, is a day with one.
create table marts.customer_value_forecast (
    as_of_date date not null,
    customer_id varchar not null,
    model varchar not null,             -- what spend is expected by; "(unproven)" where it has not beaten the baseline
    label varchar not null,             -- of its fit: ok, prior-dominated or fallback
    expected_orders_30d double not null,
    probability_of_order_30d double not null,   -- of at least one
    fewest_orders_30d bigint not null,  -- from the fewest to the most: nine cases of ten
    most_orders_30d bigint not null,
    expected_spend_30d decimal(18, 2) not null,
    discounted_spend_30d decimal(18, 2) not null, -- worth less the later it comes
    low_spend_30d decimal(18, 2) not null,
    high_spend_30d decimal(18, 2) not null,
    expected_orders_90d double not null,
    probability_of_order_90d double not null,
    fewest_orders_90d bigint not null,
    most_orders_90d bigint not null,
    expected_spend_90d decimal(18, 2) not null,
    discounted_spend_90d decimal(18, 2) not null,
    low_spend_90d decimal(18, 2) not null,
    high_spend_90d decimal(18, 2) not null,
    expected_orders_365d double not null,
    probability_of_order_365d double not null,
    fewest_orders_365d bigint not null,
    most_orders_365d bigint not null,
    expected_spend_365d decimal(18, 2) not null,
    discounted_spend_365d decimal(18, 2) not null,
    low_spend_365d decimal(18, 2) not null,
    high_spend_365d decimal(18, 2) not null,
    spend_per_order decimal(18, 2) not null
);

-- Grain: as_of_date, model. The fits that the day's forecast was made with.
create table marts.model_fits (
    as_of_date date not null,
    model varchar not null,
    label varchar not null,             -- ok, prior-dominated or fallback
    customers bigint not null,
    log_likelihood double not null,     -- without the prior; 0 where nothing was fitted
    was_tried boolean not null,         -- whether there was anything to fit
    names varchar[] not null,
    parameters double[] not null,       -- in the order of names; times in days, amounts in currency units
    primary key (as_of_date, model)
);

-- Grain: as_of_date. The sums of the day's forecast, kept when its rows no longer are.
create table marts.forecast_totals (
    as_of_date date primary key,
    model varchar not null,
    label varchar not null,
    customers bigint not null,
    expected_orders_30d double not null,
    expected_orders_90d double not null,
    expected_orders_365d double not null,
    expected_spend_30d decimal(38, 2) not null,
    expected_spend_90d decimal(38, 2) not null,
    expected_spend_365d decimal(38, 2) not null
);

-- Grain: horizon_days, known_on, target. What was learned from the origins whose outcome was known by the day: a linear
-- score of standardised figures, with empty lists where there was too little to learn from. Lists are in the order of names.
create table marts.learned_forecasts (
    horizon_days integer not null,
    known_on date not null,
    target varchar not null,            -- no_order: the logarithm of its odds; spend: of the factor on what a model expects
    inputs_revision bigint not null,    -- the highest revision among the inputs at that time
    origins date[] not null,
    names varchar[] not null,
    means double[] not null,
    deviations double[] not null,
    coefficients double[] not null,     -- per standard deviation
    intercept double not null,
    primary key (horizon_days, known_on, target)
);
