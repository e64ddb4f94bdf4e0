using Pipeline.Infra.CommandLine;

namespace Pipeline.Predictor.Evaluation;

/// <summary>A forecast by one number of a VM's own past: it stands for every level, and for the score of becoming busy.</summary>
public sealed class SimpleForecaster : IForecaster
{
    /// <summary>An hour of 5-minute steps.</summary>
    private const int HourSteps = 12;

    /// <summary>The 90 % quantile of a normal distribution lies so many standard deviations above its mean.</summary>
    private const float Deviations = 1.28f;

    /// <summary>Share of the newest value in an exponentially weighted mean, and the steps after which the others no longer show in a float.</summary>
    private const float Newest = .3f;

    private const int ForgottenSteps = 64;

    /// <summary>Slot, the newest slot known of the VM, VM, steps of the horizon: the forecast.</summary>
    private delegate float Score(TraceTruth truth, int slot, int newest, int vm, int steps);

    private static readonly Dictionary<string, Score> Methods = new(StringComparer.Ordinal)
    {
        ["last"] = (truth, _, newest, vm, _) => truth.Utilization(newest, vm),
        ["mean-1h"] = (truth, _, newest, vm, _) => truth.Moments(newest, vm, HourSteps).Mean,
        ["mean-plus-sd"] = (truth, _, newest, vm, _) => truth.Moments(newest, vm, HourSteps) is var (mean, _, sd) ? Math.Min(mean + Deviations * sd, 1) : 0,
        ["ewma"] = (truth, _, newest, vm, _) => WeightedMean(truth, newest, vm),
        ["yesterday"] = (truth, slot, _, vm, steps) => slot < truth.DaySlots ? 0 : truth.Peak(slot - truth.DaySlots, vm, steps),
    };

    private readonly TraceTruth _truth;
    private readonly IReadOnlyList<int> _horizons;
    private readonly Score _score;

    private SimpleForecaster(string name, TraceTruth truth, IReadOnlyList<int> horizons)
    {
        (Name, _truth, _horizons, _score) = (name, truth, horizons, Methods[name]);
    }

    public static IReadOnlyCollection<string> Names => Methods.Keys;

    public string Name { get; }

    public bool GivesProbabilities => false;

    /// <exception cref="UserException">There is no such method.</exception>
    public static SimpleForecaster Create(string name, TraceTruth truth, IReadOnlyList<int> horizons) =>
        Methods.ContainsKey(name) ? new SimpleForecaster(name, truth, horizons)
        : throw new UserException($"no baseline '{name}'; there are {string.Join(", ", Names)}");

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        int horizons = _horizons.Count, levels = quantiles.Length / busy.Length, newest = Math.Max(slot - stale, 0);
        for (int i = 0; i < busy.Length; i++)
        {
            busy[i] = _score(_truth, slot, newest, i / horizons, _horizons[i % horizons]);
            quantiles.Slice(i * levels, levels).Fill(busy[i]);
        }
    }

    private static float WeightedMean(TraceTruth truth, int newest, int vm)
    {
        int first = Math.Max(newest - ForgottenSteps, 0);
        float mean = truth.Utilization(first, vm);
        for (int slot = first + 1; slot <= newest; slot++) mean += Newest * (truth.Utilization(slot, vm) - mean);
        return mean;
    }
}
