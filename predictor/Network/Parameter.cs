using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Network;

/// <summary>A learned array of a network.</summary>
/// <param name="Name">Unique within the network.</param>
/// <param name="Offset">Where its values begin in the vector of all weights.</param>
/// <param name="Initial">Sets its values before training.</param>
public sealed record Parameter(string Name, Shape Shape, int Offset, Initializer Initial);

/// <summary>Sets the values that a parameter has before training.</summary>
public delegate void Initializer(Random random, Span<float> values);
