namespace Pipeline.Predictor.Evaluation;

/// <summary>One VM over some time: what a method forecast for it and what came.</summary>
public sealed record EvaluationExample(string Vm, int HorizonSteps, IReadOnlyList<ExamplePoint> Points)
{
    /// <summary>So many evaluated slots are shown.</summary>
    private const int SlotsMax = 120;

    /// <summary>Chooses VMs that became busy most often, and a few further down, and asks a method about them.</summary>
    /// <param name="horizon">Number of the horizon.</param>
    public static IReadOnlyList<EvaluationExample> Of(
        IForecaster method, TraceTruth truth, EvaluationOptions options, IReadOnlyList<int> slots, IReadOnlyList<string> names, int horizon, int count)
    {
        int steps = options.HorizonSteps[horizon], h = options.HorizonSteps.Count, q = options.Levels.Count;
        slots = [.. slots.Take(SlotsMax)];
        int[] byOnsets = [.. Enumerable.Range(0, truth.Vms).OrderByDescending(vm => slots.Count(s => truth.Utilization(s, vm) < options.BusyThreshold && truth.Peak(s, vm, steps) >= options.BusyThreshold))];
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => i * 5).Where(i => i < truth.Vms).Select(i => byOnsets[i])];
        List<ExamplePoint>[] points = [.. chosen.Select(_ => new List<ExamplePoint>())];
        float[] quantiles = new float[truth.Vms * h * q], busy = new float[truth.Vms * h];
        foreach (int slot in slots)
        {
            method.Forecast(slot, 0, quantiles, busy);
            for (int i = 0; i < chosen.Length; i++)
            {
                int at = chosen[i] * h + horizon;
                points[i].Add(new ExamplePoint(slot, truth.Utilization(slot, chosen[i]), truth.Peak(slot, chosen[i], steps), quantiles[at * q], quantiles[at * q + q - 1], busy[at]));
            }
        }
        return [.. chosen.Select((vm, i) => new EvaluationExample(names[vm], steps, points[i]))];
    }
}

/// <summary>One slot of an example: utilisation now, the peak that came, its lowest and highest quantile forecast, probability of becoming busy.</summary>
public readonly record struct ExamplePoint(int Slot, float Utilization, float Peak, float Low, float High, float Busy);
