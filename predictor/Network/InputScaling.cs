namespace Pipeline.Predictor.Network;

/// <summary>
/// How inputs are brought to a common scale, measured on the training data and stored in the model. What never varied
/// there has scale 0: its weights were never trained, so at serving it must not speak.
/// </summary>
/// <param name="Channel">Factor of each channel of the window, [C].</param>
/// <param name="FeatureMean">Mean of each feature, [S]; also stands in for a missing value.</param>
/// <param name="FeatureScale">Factor of each feature after its mean was taken off, [S].</param>
public sealed record InputScaling(float[] Channel, float[] FeatureMean, float[] FeatureScale)
{
    /// <summary>Leaves everything as it is.</summary>
    public static InputScaling Identity(NetworkOptions options)
    {
        float[] channel = new float[options.Channels], scale = new float[options.Features];
        Array.Fill(channel, 1f);
        Array.Fill(scale, 1f);
        return new InputScaling(channel, new float[options.Features], scale);
    }
}
