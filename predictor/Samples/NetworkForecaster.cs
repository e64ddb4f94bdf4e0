using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Samples;

/// <summary>
/// The network, on a trace whose snapshots were made with the ages that are asked for. When a VM's own reports are
/// withheld its neighbours' are not: every VM is there twice, withheld for itself and fresh for the others.
/// </summary>
/// <param name="busyThreshold">"Busy" means this utilisation, one of the model's thresholds.</param>
/// <param name="edges">What the network is shown of the graph.</param>
public sealed class NetworkForecaster(Scorer scorer, TraceSnapshots trace, float busyThreshold, EdgeUse edges = EdgeUse.Kept) : IForecaster
{
    private readonly InputBuffers _inputs = new(scorer.Signature);
    private readonly SampleWriter _writer = new(trace, scorer.Signature);
    private readonly Forecast _forecast = new();
    private readonly int _threshold = scorer.Signature.BusyThresholds.ToList().IndexOf(busyThreshold) is >= 0 and var at
        ? at
        : throw new UserException($"the model does not predict that {busyThreshold} is reached; it does for {string.Join(", ", scorer.Signature.BusyThresholds)}");

    private readonly int[] _others = Others(trace.Vms.Count, edges);

    public string Name => edges switch { EdgeUse.None => "network-no-edges", EdgeUse.Shuffled => "network-shuffled-edges", _ => "network" };

    public bool GivesProbabilities => true;

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        int vms = trace.Vms.Count, others = stale == 0 ? 0 : vms;
        SlotRows rows = trace.Rows[slot] ?? throw new ArgumentException($"no snapshot was made of slot {slot}");
        float[] features = rows.FeaturesAt(stale);
        _inputs.Reset(vms + others);
        for (int vm = 0; vm < vms; vm++)
        {
            _writer.WriteOwn(_inputs, vm, slot, vm, stale, features);
            WriteNeighbours(vm, rows, vm, others);
            if (stale == 0) continue;
            _writer.WriteOwn(_inputs, others + vm, slot, vm, 0, rows.Features);
            WriteNeighbours(others + vm, rows, vm, others);
        }
        scorer.Run(_inputs, _forecast);
        _forecast.PeakQuantile.AsSpan(0, quantiles.Length).CopyTo(quantiles);
        int thresholds = scorer.Signature.BusyThresholds.Count;
        for (int i = 0; i < busy.Length; i++) busy[i] = _forecast.BusyProbability[i * thresholds + _threshold];
    }

    private void WriteNeighbours(int row, SlotRows rows, int vm, int firstRow) => _writer.WriteNeighbours(_inputs, row, rows, vm, _others, firstRow);

    private static int[] Others(int vms, EdgeUse edges)
    {
        int[] others = new int[vms];
        for (int i = 0; i < vms; i++) others[i] = edges == EdgeUse.None ? -1 : i;
        if (edges == EdgeUse.Shuffled) new Random(7).Shuffle(others);
        return others;
    }
}
