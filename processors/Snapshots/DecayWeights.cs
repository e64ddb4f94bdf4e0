using Pipeline.Processors.History;

namespace Pipeline.Processors.Snapshots;

/// <summary>Weights (1 - 1/c)^k of the step k steps ago, and their sums.</summary>
internal sealed class DecayWeights
{
    private readonly double[] _weights = new double[HistoryOptions.MemorySteps];
    private readonly double[] _sums = new double[HistoryOptions.MemorySteps + 1];

    public DecayWeights(int constant)
    {
        double weight = 1, sum = 0;
        for (int k = 0; k < _weights.Length; k++, weight *= 1 - 1.0 / constant)
        {
            _weights[k] = weight;
            _sums[k + 1] = sum += weight;
        }
    }

    public double this[int ago] => _weights[ago];

    /// <summary>Sum of the newest so many weights.</summary>
    public double Sum(int steps) => _sums[steps];
}
