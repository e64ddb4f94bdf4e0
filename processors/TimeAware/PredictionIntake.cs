using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>The newest word of the predictor about each VM of a cell: the middle of its peak over one slot.</summary>
/// <param name="horizonS">Length of a slot, seconds.</param>
internal sealed class PredictionIntake(uint horizonS)
{
    private readonly Dictionary<string, float> peaks = new(StringComparer.Ordinal);

    /// <summary>End of the step that it was said after, Unix milliseconds.</summary>
    public long StepEndUnixMs { get; private set; } = long.MinValue;

    /// <summary>Takes a chunk; older ones than what is known say nothing, nor do those without the horizon.</summary>
    public void Take(PredictionChunk chunk)
    {
        int horizon = chunk.HorizonS.IndexOf(horizonS), levels = chunk.Level.Count;
        if (horizon < 0 || levels == 0 || chunk.StepEndUnixMs < StepEndUnixMs) return;
        if (chunk.StepEndUnixMs > StepEndUnixMs) peaks.Clear();
        StepEndUnixMs = chunk.StepEndUnixMs;
        int middle = Enumerable.Range(0, levels).MinBy(q => Math.Abs(chunk.Level[q] - .5f));
        for (int i = 0; i < chunk.Vm.Count && peaks.Count < CellOutlook.VmsMax; i++) peaks[chunk.Vm[i]] = chunk.PeakQuantile[(((i * chunk.HorizonS.Count) + horizon) * levels) + middle];
    }

    /// <summary>Peak of a VM, share; NaN: not known.</summary>
    public float PeakOf(string vm) => peaks.GetValueOrDefault(vm, float.NaN);
}
