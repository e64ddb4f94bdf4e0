namespace Pipeline.Predictor.Training;

/// <summary>Labelled snapshots to learn from.</summary>
public interface ISampleSet
{
    /// <summary>Number of snapshots.</summary>
    int Count { get; }

    /// <summary>Writes one snapshot into a batch. The same seed gives the same sample; may be called from several threads.</summary>
    void Fill(int snapshot, int seed, TrainingBatch batch);
}
