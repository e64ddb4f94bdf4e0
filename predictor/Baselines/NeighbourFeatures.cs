using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;

namespace Pipeline.Predictor.Baselines;

/// <summary>Neighbours summed up by hand: their present, their changes, and the estimate of a silent VM's present that follows from them.</summary>
internal sealed class NeighbourFeatures
{
    public const int Count = 20;

    /// <summary>A change so many slots ago weighs half, as in the graph.</summary>
    private const double HalfLifeSlots = 288;

    private const float Strong = .3f, Busy = .8f;

    private readonly TraceTruth _truth;
    private readonly float[] _level;
    private readonly float[] _change;

    public NeighbourFeatures(TraceTruth truth)
    {
        _truth = truth;
        (_level, _change) = (new float[truth.Slots * truth.Vms], new float[truth.Slots * truth.Vms]);
        float keep = (float)Math.Pow(.5, 1 / HalfLifeSlots);
        for (int i = 0; i < _level.Length; i++)
        {
            _level[i] = MathF.Log(1f + 100f * truth.Utilization(i / truth.Vms, i % truth.Vms));
            if (i < truth.Vms) continue;
            float change = _level[i] - _level[i - truth.Vms];
            _change[i] = keep * _change[i - truth.Vms] + (1 - keep) * change * change;
        }
    }

    public void Write(int slot, int newest, int vm, SlotRows rows, Span<float> to)
    {
        int k = rows.Neighbours.Length / _truth.Vms;
        ReadOnlySpan<int> others = rows.Neighbours.AsSpan(vm * k, k);
        ReadOnlySpan<float> correlation = rows.Weights.AsSpan(vm * k, k);
        to[..Count].Clear();
        float total = 0, best = 0, own = _truth.Utilization(newest, vm), estimate = Level(newest, vm);
        int strong = 0, known = 0;
        for (int i = 0; i < k; i++)
        {
            if (others[i] < 0) continue;
            total += Share(correlation[i]);
            strong += correlation[i] > .4f ? 1 : 0;
            known++;
        }
        for (int i = 0; i < k; i++)
        {
            int other = others[i];
            if (other < 0) continue;
            float w = Share(correlation[i]) / total, now = _truth.Utilization(slot, other), then = _truth.Utilization(newest, other);
            float d1 = now - _truth.Utilization(Math.Max(slot - 1, 0), other), d3 = now - _truth.Utilization(Math.Max(slot - 3, 0), other);
            (float mean3, _, _) = _truth.Moments(slot, other, 3);
            (float mean12, float peak12, _) = _truth.Moments(slot, other, 12);
            to[0] += w * now;
            to[2] += w * d1;
            to[3] += w * d3;
            to[4] += w * mean3;
            to[5] += w * mean12;
            to[6] += w * peak12;
            to[7] += now >= Busy ? w : 0;
            to[11] += correlation[i] / known;
            to[13] += w * then;
            to[15] += w * (now - then);
            if (correlation[i] > Strong)
            {
                to[1] = Math.Max(to[1], now);
                to[17] = Math.Max(to[17], now - then);
            }
            if (correlation[i] > best) (best, to[8], to[9], to[10], to[19]) = (correlation[i], now, d1, correlation[i], now - then);
            float scale = Math.Min(Deviation(slot, vm) / Math.Max(Deviation(slot, other), 1e-3f), 3f) * Math.Max(correlation[i], 0);
            estimate += w * scale * (Level(slot, other) - Level(newest, other));
        }
        to[12] = strong;
        to[14] = own - to[13];
        to[16] = own + to[15];
        to[18] = Math.Clamp((MathF.Exp(Math.Min(estimate, 5)) - 1) / 100, 0, 1.2f);
    }

    private float Level(int slot, int vm) => _level[slot * _truth.Vms + vm];

    private float Deviation(int slot, int vm) => MathF.Sqrt(_change[slot * _truth.Vms + vm]);

    private static float Share(float correlation) => Math.Max(correlation, 0) * Math.Max(correlation, 0) + 1e-6f;
}
