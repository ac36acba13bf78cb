(()=>{window.Restock??(window.Restock={version:__config.version});})();
