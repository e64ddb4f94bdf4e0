using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Predictor.Registry;

/// <summary>
/// Follows the topic of models and serves the one that was chosen. Model and choice are in different partitions and may come in any order. What
/// is refused is said once; the old model goes on.
/// <code>
///   choice ──► model there? ──no──► wait for it
///                  │ yes
///                  ▼
///              checks, self-test ──fails──► refused, the old one stays
///                  │ passes
///                  ▼
///              served from the next snapshot on
/// </code>
/// </summary>
public sealed class ModelsReader(ServedModel served, int threads, ILogger log) : IGlobalReader
{
    /// <summary>More than can be chosen from: a model may come before the choice that names it.</summary>
    private const int KeptMax = 2 * ModelValidator.ChoicesMax;

    private readonly Dictionary<string, StoredModel> _models = new(StringComparer.Ordinal);
    private readonly Queue<string> _arrived = new();
    private string? _wanted;
    private string? _refused;

    /// <summary>Models that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Changes of the served model.</summary>
    public int Swaps { get; private set; }

    /// <summary>Models that were forgotten because too many were kept.</summary>
    public int Forgotten { get; private set; }

    public void Reset()
    {
        _models.Clear();
        _arrived.Clear();
        _wanted = null;
    }

    public void Apply(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.Models, output, out ModelRecord value)) return;
        if (value.ValueCase == ModelRecord.ValueOneofCase.Model) Keep(value.Model);
        else _wanted = value.Serving.Ids[0];
        Serve();
    }

    private void Keep(StoredModel model)
    {
        if (_models.TryAdd(model.Id, model)) _arrived.Enqueue(model.Id);
        else _models[model.Id] = model;
        // Published again, it may be whole now.
        if (model.Id == _refused) _refused = null;
        if (_arrived.Count <= KeptMax) return;
        string oldest = _arrived.Dequeue();
        if (oldest == _wanted)
        {
            _arrived.Enqueue(oldest);
            oldest = _arrived.Dequeue();
        }
        _models.Remove(oldest);
        Forgotten++;
    }

    private void Serve()
    {
        if (_wanted is null || _wanted == served.Id || _wanted == _refused || !_models.TryGetValue(_wanted, out StoredModel? model)) return;
        string before = served.Id;
        string? reason = ModelFile.TryParse(model.Model.ToByteArray(), model.Card.ToByteArray(), out ModelFile? file);
        if (reason is null && file!.Card.Id != model.Id) reason = $"its card is of {file.Card.Id}";
        reason ??= served.Replace(file!, threads);
        if (reason is null)
        {
            Swaps++;
            log.LogInformation("serving {Model} instead of {Before}", served.Id, before);
            return;
        }
        _refused = _wanted;
        Refused++;
        log.LogError("model {Model} is refused: {Reason}; {Served} goes on", _wanted, reason, served.Id);
    }
}
