namespace Pipeline.Predictor.Training;

/// <summary>Exponential moving average of the weights (Polyak averaging). It follows faster at first, so that the random beginning is forgotten.</summary>
public sealed class WeightAverage
{
    private readonly float _decay;
    private int _steps;

    public WeightAverage(float[] weights, float decay)
    {
        Weights = (float[])weights.Clone();
        _decay = decay;
    }

    public float[] Weights { get; }

    public void Add(ReadOnlySpan<float> weights)
    {
        _steps++;
        float follow = 1 - Math.Min(_decay, (1f + _steps) / (10f + _steps));
        for (int i = 0; i < Weights.Length; i++) Weights[i] += follow * (weights[i] - Weights[i]);
    }

    internal void Save(BinaryWriter to)
    {
        to.Write(_steps);
        Checkpoint.Write(to, Weights);
    }

    internal void Load(BinaryReader from)
    {
        _steps = from.ReadInt32();
        Checkpoint.Read(from, Weights);
    }
}
