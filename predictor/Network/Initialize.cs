namespace Pipeline.Predictor.Network;

/// <summary>The ways in which parameters begin.</summary>
public static class Initialize
{
    public static readonly Initializer Zero = (_, values) => values.Clear();

    public static readonly Initializer One = (_, values) => values.Fill(1f);

    /// <summary>Uniform in ±1/sqrt(inputs), as linear layers are commonly begun (LeCun et al. 1998).</summary>
    public static Initializer FanIn(int inputs)
    {
        float bound = 1f / MathF.Sqrt(inputs);
        return (random, values) =>
        {
            foreach (ref float v in values) v = (2f * random.NextSingle() - 1f) * bound;
        };
    }

    /// <summary>Given values, over and over.</summary>
    public static Initializer Repeat(params float[] pattern) => (_, values) =>
    {
        for (int i = 0; i < values.Length; i++) values[i] = pattern[i % pattern.Length];
    };
}
