using Pipeline.Infra.CommandLine;

namespace Pipeline.Predictor.Evaluation;

/// <summary>A forecast by one number of a VM's own last hour: it stands for every horizon and level, and for the score of becoming busy.</summary>
public sealed class SimpleForecaster : IForecaster
{
    /// <summary>An hour of 5-minute steps.</summary>
    private const int HourSteps = 12;

    /// <summary>The 90 % quantile of a normal distribution lies so many standard deviations above its mean.</summary>
    private const float Deviations = 1.28f;

    private static readonly Dictionary<string, Func<TraceTruth, int, int, float>> Methods = new(StringComparer.Ordinal)
    {
        ["last"] = (truth, slot, vm) => truth.Utilization(slot, vm),
        ["mean-1h"] = (truth, slot, vm) => Moments(truth, slot, vm).Mean,
        ["mean-plus-sd"] = (truth, slot, vm) => Moments(truth, slot, vm) is var (mean, sd) ? mean + Deviations * sd : 0,
    };

    private readonly TraceTruth _truth;
    private readonly Func<TraceTruth, int, int, float> _score;

    private SimpleForecaster(string name, TraceTruth truth)
    {
        (Name, _truth, _score) = (name, truth, Methods[name]);
    }

    public static IReadOnlyCollection<string> Names => Methods.Keys;

    public string Name { get; }

    public bool GivesProbabilities => false;

    /// <exception cref="UserException">There is no such method.</exception>
    public static SimpleForecaster Create(string name, TraceTruth truth) =>
        Methods.ContainsKey(name) ? new SimpleForecaster(name, truth)
        : throw new UserException($"no baseline '{name}'; there are {string.Join(", ", Names)}");

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        int perVm = quantiles.Length / _truth.Vms, horizons = busy.Length / _truth.Vms, newest = Math.Max(slot - stale, 0);
        for (int vm = 0; vm < _truth.Vms; vm++)
        {
            float score = _score(_truth, newest, vm);
            quantiles.Slice(vm * perVm, perVm).Fill(score);
            busy.Slice(vm * horizons, horizons).Fill(score);
        }
    }

    private static (float Mean, float Deviation) Moments(TraceTruth truth, int slot, int vm)
    {
        double sum = 0, squares = 0;
        int first = Math.Max(slot - HourSteps + 1, 0), n = slot - first + 1;
        for (int s = first; s <= slot; s++)
        {
            double u = truth.Utilization(s, vm);
            sum += u;
            squares += u * u;
        }
        double mean = sum / n;
        return ((float)mean, (float)Math.Sqrt(Math.Max(squares / n - mean * mean, 0)));
    }
}
