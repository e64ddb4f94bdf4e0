namespace Pipeline.Processors.Patterns;

/// <summary>The kind of one series and what speaks for it. Utilisations are shares, 0..1; no value is ever NaN.</summary>
/// <param name="Kind">See <see cref="SeriesKind"/>.</param>
/// <param name="Strength">How clear it is, 0..1; what it is made of depends on the kind: this folder's README.</param>
/// <param name="Known">Steps that are not missing.</param>
/// <param name="Mean">Of the known steps.</param>
/// <param name="Spread">Standard deviation of what is left without rhythm, trend and level shifts.</param>
/// <param name="Peak">Largest value.</param>
/// <param name="Percentile99">99 % of the known steps are no higher.</param>
/// <param name="PeriodSteps">Period, not always whole; 0: none found. Found on series of other kinds too, where it explains less.</param>
/// <param name="PeriodCorrelation">Mean correlation of a cycle with another, slow movement taken out; 0 without a period.</param>
/// <param name="Amplitude">Highest minus lowest value of the mean cycle; 0 without a period.</param>
/// <param name="BurstShare">Share of the known steps that are in a burst.</param>
/// <param name="Bursts">Bursts, runs of such steps.</param>
/// <param name="SlopePerDay">Of the straight line through the series, utilisation per day.</param>
/// <param name="TrendStrength">Share of the variance without rhythm that the line explains.</param>
public readonly record struct SeriesMeasures(
    SeriesKind Kind,
    float Strength,
    int Known,
    float Mean,
    float Spread,
    float Peak,
    float Percentile99,
    float PeriodSteps,
    float PeriodCorrelation,
    float Amplitude,
    float BurstShare,
    int Bursts,
    float SlopePerDay,
    float TrendStrength);
