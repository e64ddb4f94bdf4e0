using System.Globalization;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>
/// Joins predictions with what came: when the last horizon of a prediction is over, one point says the VM's peak over each horizon and how
/// good the prediction was. Peak is the highest step mean, as the predictor is trained on it. Steps and predictions may come in any order
/// within <see cref="StepsKept"/> steps; whoever starts anew begins with the predictions that it reads from then on.
/// </summary>
public sealed class PredictionOutcomes
{
    /// <summary>Steps of a VM that are remembered; a prediction whose steps are gone has no outcome.</summary>
    public const int StepsKept = 64;

    /// <summary>The threshold of <c>busy_probability</c>.</summary>
    private const float Busy = .8f;

    private const long NsPerMs = 1_000_000;

    private readonly int vmsMax;
    private readonly Dictionary<(string Cell, string Vm), History> vms = [];

    /// <param name="vmsMax">VMs that are followed; predictions for others are counted as <see cref="Missed"/>.</param>
    public PredictionOutcomes(int vmsMax = 100_000) => this.vmsMax = vmsMax;

    /// <summary>Predictions without outcome: a step was silent or is no longer known, or there are too many VMs.</summary>
    public long Missed { get; private set; }

    /// <summary>Outcomes given.</summary>
    public long Given { get; private set; }

    /// <summary>Takes a step and adds the outcomes that it completes.</summary>
    public void Add(StepChunk chunk, List<Point> points)
    {
        if (chunk.StepMs == 0) return;
        foreach (VmStep vm in chunk.Vms)
        {
            if (Of(chunk.Cell, vm.Vm) is not { } history) continue;
            history.Set(chunk.StepEndUnixMs, chunk.StepMs, vm.Own is { HasCpuUtilization: true } own ? own.CpuUtilization : float.NaN);
            history.Waiting.RemoveAll(p => TryGive(history, p.Chunk, p.Row, points));
        }
    }

    /// <summary>Takes predictions and adds the outcomes of those whose steps are here already.</summary>
    public void Add(PredictionChunk chunk, List<Point> points)
    {
        if (chunk.StepMs == 0 || chunk.HorizonS.Count == 0 || chunk.Level.Count == 0) return;
        for (int i = 0; i < chunk.Vm.Count; i++)
        {
            if (Of(chunk.Cell, chunk.Vm[i]) is not { } history) Missed++;
            else if (!TryGive(history, chunk, i, points)) Wait(history, chunk, i);
        }
    }

    private void Wait(History history, PredictionChunk chunk, int row)
    {
        // A revision replaces what was predicted before.
        history.Waiting.RemoveAll(p => p.Chunk.StepEndUnixMs == chunk.StepEndUnixMs);
        if (history.Waiting.Count == StepsKept)
        {
            history.Waiting.RemoveAt(0);
            Missed++;
        }
        history.Waiting.Add((chunk, row));
    }

    /// <summary>Whether nothing more is to be waited for.</summary>
    private bool TryGive(History history, PredictionChunk chunk, int row, List<Point> points)
    {
        int horizons = chunk.HorizonS.Count, levels = chunk.Level.Count;
        if (history.Latest < chunk.StepEndUnixMs + (chunk.HorizonS[^1] * 1000L)) return false;
        List<Field> fields = new(horizons * 4);
        for (int h = 0; h < horizons; h++)
        {
            float peak = history.Peak(chunk.StepEndUnixMs, chunk.StepMs, (int)(chunk.HorizonS[h] * 1000L / chunk.StepMs));
            if (float.IsNaN(peak))
            {
                Missed++;
                return true;
            }
            int at = (row * horizons) + h;
            string horizon = string.Create(CultureInfo.InvariantCulture, $"_{chunk.HorizonS[h] / 60}m");
            double miss = chunk.BusyProbability[at] - (peak >= Busy ? 1 : 0);
            fields.Add(new Field("peak" + horizon, (double)peak));
            fields.Add(new Field("error" + horizon, (double)peak - chunk.PeakQuantile[at * levels]));
            fields.Add(new Field("covered" + horizon, peak <= chunk.PeakQuantile[(at * levels) + levels - 1] ? 1L : 0L));
            fields.Add(new Field("brier" + horizon, miss * miss));
        }
        points.Add(new Point("prediction_outcome", [new("cell", chunk.Cell), new("vm", chunk.Vm[row])], [.. fields], chunk.StepEndUnixMs * NsPerMs));
        Given++;
        return true;
    }

    private History? Of(string cell, string vm)
    {
        if (vms.TryGetValue((cell, vm), out History? history)) return history;
        if (vms.Count >= vmsMax) Forget();
        return vms.Count >= vmsMax ? null : vms[(cell, vm)] = new History();
    }

    /// <summary>VMs that are gone make room for new ones.</summary>
    private void Forget()
    {
        long newest = vms.Values.Max(v => v.Latest);
        foreach (((string, string) key, History history) in vms.ToList())
        {
            if (newest - history.Latest <= TimeSpan.MillisecondsPerDay) continue;
            Missed += history.Waiting.Count;
            vms.Remove(key);
        }
    }

    /// <summary>The last steps of a VM, in a ring over the number of the step.</summary>
    private sealed class History
    {
        private readonly long[] ends = new long[StepsKept];
        private readonly float[] cpu = new float[StepsKept];

        public long Latest { get; private set; }

        public List<(PredictionChunk Chunk, int Row)> Waiting { get; } = [];

        public void Set(long end, uint stepMs, float value)
        {
            // A revision that comes so late must not stand in a newer step's place.
            if (end <= Latest - (StepsKept * (long)stepMs)) return;
            int slot = (int)(end / stepMs % StepsKept);
            (ends[slot], cpu[slot], Latest) = (end, value, Math.Max(Latest, end));
        }

        /// <summary>Highest of the steps behind a time; NaN where one of them is not known.</summary>
        public float Peak(long from, uint stepMs, int steps)
        {
            float peak = 0;
            for (int i = 1; i <= steps; i++)
            {
                long end = from + (i * (long)stepMs);
                int slot = (int)(end / stepMs % StepsKept);
                if (ends[slot] != end || float.IsNaN(cpu[slot])) return float.NaN;
                peak = Math.Max(peak, cpu[slot]);
            }
            return steps > 0 ? peak : float.NaN;
        }
    }
}
