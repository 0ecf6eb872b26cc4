Gem::Specification.new do |spec|
  spec.name = "thimble"
  spec.add_development_dependency "rake"
end
