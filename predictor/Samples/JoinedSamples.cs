using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Samples;

/// <summary>Several sample sets, one after the other.</summary>
public sealed class JoinedSamples(IReadOnlyList<ISampleSet> sets) : ISampleSet
{
    public int Count { get; } = sets.Sum(s => s.Count);

    public void Fill(int snapshot, int seed, TrainingBatch batch)
    {
        int set = 0;
        while (snapshot >= sets[set].Count) snapshot -= sets[set++].Count;
        sets[set].Fill(snapshot, seed, batch);
    }
}
