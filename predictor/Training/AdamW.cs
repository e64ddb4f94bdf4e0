namespace Pipeline.Predictor.Training;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019), over the vector of all weights.
/// </summary>
/// <param name="length">Number of weights.</param>
/// <param name="weightDecay">Share of a weight that goes away per step, per unit of learning rate.</param>
public sealed class AdamW(int length, float weightDecay = 0.01f)
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    private readonly float[] _mean = new float[length];
    private readonly float[] _square = new float[length];

    /// <summary>Updates so far.</summary>
    public int Steps { get; private set; }

    public void Update(Span<float> weights, ReadOnlySpan<float> gradients, float learningRate)
    {
        Steps++;
        float step = (float)(learningRate / (1 - Math.Pow(Beta1, Steps)));
        float root = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        float keep = 1 - learningRate * weightDecay;
        for (int i = 0; i < weights.Length; i++)
        {
            float g = gradients[i];
            float mean = _mean[i] = Beta1 * _mean[i] + (1 - Beta1) * g;
            float square = _square[i] = Beta2 * _square[i] + (1 - Beta2) * g * g;
            weights[i] = weights[i] * keep - step * mean / (MathF.Sqrt(square) * root + Epsilon);
        }
    }

    internal void Save(BinaryWriter to)
    {
        to.Write(Steps);
        Checkpoint.Write(to, _mean);
        Checkpoint.Write(to, _square);
    }

    internal void Load(BinaryReader from)
    {
        Steps = from.ReadInt32();
        Checkpoint.Read(from, _mean);
        Checkpoint.Read(from, _square);
    }
}
